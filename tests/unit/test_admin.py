"""The admin: as fast with fifty rows as with one, read-only where the log rules, and behind the throttled login."""

from collections.abc import Iterable
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.devices import register_device
from accounts.models import Device, User
from accounts.tokens import create_token
from chat.models import ChatSession, Conversation, Membership, Message

pytestmark = pytest.mark.django_db

LISTS = [
    "accounts/user",
    "accounts/device",
    "accounts/apitoken",
    "chat/conversation",
    "chat/message",
    "chat/chatsession",
]


@pytest.fixture
def staff() -> Client:
    client = Client()
    root = User.objects.create_superuser("root", password="!x")
    client.force_login(root, backend="django.contrib.auth.backends.ModelBackend")
    return client


def populate(numbers: Iterable[int]) -> None:
    """One user, device, token, conversation, membership, message and session each."""
    now = timezone.now()
    for number in numbers:
        user = User.objects.create(username=f"person{number}", password="!x")
        register_device(user, uuid4(), name=f"device {number}")
        create_token(user, f"token {number}")
        ChatSession.objects.create(user=user, started_at=now, last_active_at=now)
        conversation = Conversation.objects.create(kind="group", title=f"title {number}", head=1, member_count=1)
        Membership.objects.create(conversation=conversation, user=user, joined_at=now, updated_at=now)
        Message.objects.create(conversation=conversation, seq=1, changed_seq=1, sender=user, text="secret", at=now)


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_with_one_row_and_with_fifty(staff: Client, name: str):
    populate(range(1))
    one = queries_of(staff, f"/admin/{name}/")
    populate(range(1, 50))
    assert queries_of(staff, f"/admin/{name}/") == one


def test_a_conversation_costs_the_same_with_one_member_and_with_fifty(staff: Client):
    populate(range(1))
    conversation, now = Conversation.objects.get(), timezone.now()
    path = f"/admin/chat/conversation/{conversation.pk}/change/"
    queries_of(staff, path)  # fills the cache of content types
    one = queries_of(staff, path)
    for number in range(49):
        user = User.objects.create(username=f"member{number}", password="!x")
        Membership.objects.create(conversation=conversation, user=user, joined_at=now, updated_at=now)
    assert queries_of(staff, path) == one


@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_searched(staff: Client, name: str):
    populate(range(2))
    assert staff.get(f"/admin/{name}/", {"q": "person1"}).status_code == 200


READ_ONLY = [(Conversation, "conversation"), (Message, "message"), (ChatSession, "chatsession")]


@pytest.mark.parametrize(("model", "name"), READ_ONLY)
def test_what_the_log_writes_is_read_only(staff: Client, model: type[Model], name: str):
    populate(range(1))
    row = model.objects.get()
    before = model.objects.values().get()
    assert staff.get(f"/admin/chat/{name}/{row.pk}/change/").status_code == 200
    assert staff.post(f"/admin/chat/{name}/{row.pk}/change/", {"text": "forged", "title": "forged"}).status_code == 403
    assert staff.post(f"/admin/chat/{name}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert staff.get(f"/admin/chat/{name}/add/").status_code == 403
    assert model.objects.values().get() == before


def test_a_device_is_revoked_by_an_action(staff: Client):
    populate(range(2))
    device = Device.objects.first()
    chosen = {"action": "revoke", "_selected_action": [device.pk]}
    asked = staff.post("/admin/accounts/device/", chosen)
    assert (asked.status_code, Device.objects.live().count()) == (200, 2)
    staff.post("/admin/accounts/device/", {**chosen, "confirmed": "yes"})
    assert [row.pk for row in Device.objects.live()] == [Device.objects.last().pk]


def test_staff_who_may_only_look_cannot_revoke(staff: Client):
    populate(range(1))
    viewer = User.objects.create(username="viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_device"))
    client = Client()
    client.force_login(viewer, backend="django.contrib.auth.backends.ModelBackend")
    chosen = {"action": "revoke", "confirmed": "yes", "_selected_action": [Device.objects.get().pk]}
    client.post("/admin/accounts/device/", chosen)
    assert Device.objects.live().count() == 1


def test_the_digest_of_a_token_and_session_keys_are_not_shown(staff: Client):
    populate(range(1))
    user = User.objects.get(username="person0")
    device, token = user.devices.get(), user.api_tokens.get()
    Device.objects.update(session_key="k" * 32)
    pages = [f"/admin/accounts/device/{device.pk}/change/", f"/admin/accounts/apitoken/{token.pk}/change/"]
    shown = "".join(staff.get(page).content.decode() for page in pages)
    assert token.prefix in shown
    assert token.digest not in shown
    assert "k" * 32 not in shown


def test_the_admin_login_is_the_throttled_one():
    response = Client().get("/admin/login/")
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=%2Fadmin%2Flogin%2F")


def test_a_user_who_is_not_staff_is_refused():
    client = Client()
    client.force_login(User.objects.create(username="ann"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/", follow=True).status_code == 403
