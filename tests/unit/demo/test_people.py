"""The demo makes its own users, and touches nobody else."""

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from accounts.models import User
from chat.demo.people import MARK, People, clear_former_runs
from chat.demo.trouble import Trouble
from chat.models import ChatSession, Conversation, Membership, Message

pytestmark = pytest.mark.django_db


def room_of(*users: User) -> Conversation:
    room, now = Conversation.objects.create(kind="group", title="room", head=1), timezone.now()
    for user in users:
        Membership.objects.create(conversation=room, user=user, joined_at=now, updated_at=now)
    Message.objects.create(conversation=room, seq=1, changed_seq=1, sender=users[0], text="hello", at=now)
    return room


def test_each_run_has_its_own_password_for_the_same_users():
    first, second = People(), People()
    assert first.enlist(["client_a", "client_b"]) == second.enlist(["client_a", "client_b"])
    assert first.password != second.password
    assert authenticate(username="client_a", password=first.password) is None
    assert authenticate(username="client_a", password=second.password) is not None


def test_somebody_who_has_the_name_of_a_demo_user_is_left_alone():
    User.objects.create_user("client_a", "somebody@example.org", "her own password")
    with pytest.raises(Trouble) as caught:
        People().enlist(["client_a", "client_b"])
    assert "client_a" in str(caught.value)
    assert authenticate(username="client_a", password="her own password") is not None
    assert not User.objects.filter(username="client_b").exists()


def test_only_what_demo_users_did_among_themselves_is_cleared():
    ids = People().enlist(["client_a", "client_b"])
    a, b = User.objects.get(pk=ids["client_a"]), User.objects.get(pk=ids["client_b"])
    person = User.objects.create_user("person", "person@example.org")
    room_of(a, b)
    kept = [room_of(a, person), room_of(person)]
    for user in (a, person):
        ChatSession.objects.create(user=user, started_at=timezone.now(), last_active_at=timezone.now())
    clear_former_runs()
    assert list(Conversation.objects.order_by("pk")) == kept
    assert Message.objects.count() == 2
    assert list(ChatSession.objects.values_list("user", flat=True)) == [person.pk]


def test_demo_users_are_known_by_an_address_that_nobody_can_have():
    People().enlist(["client_a"])
    assert User.objects.get(username="client_a").email == f"client_a{MARK}"
    assert MARK.endswith(".invalid")
