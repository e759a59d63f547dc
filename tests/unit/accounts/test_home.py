"""The home page: my conversations and devices, nobody else's, at a fixed price."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.devices import register_device
from accounts.models import User
from chat.models import Conversation, Membership, Message

pytestmark = pytest.mark.django_db


def conversation_of(*users: User, title: str = "", messages: int = 0) -> Conversation:
    """A conversation in which the last user posts `messages`."""
    now = timezone.now()
    conversation = Conversation.objects.create(
        kind="group" if title else "direct", title=title, head=messages, member_count=len(users)
    )
    for user in users:
        Membership.objects.create(conversation=conversation, user=user, joined_at=now, updated_at=now)
    for seq in range(1, messages + 1):
        Message.objects.create(conversation=conversation, seq=seq, changed_seq=seq, sender=users[-1], text="x", at=now)
    return conversation


def test_unread_counts_what_others_posted_after_the_read_position(ann: User, bob: User, browser: Client):
    conversation_of(ann, bob, title="team", messages=5)
    Membership.objects.filter(user=ann).update(read_seq=1)
    Message.objects.filter(seq=5).update(deleted=True)
    Message.objects.filter(seq=4).update(sender=ann)
    assert '<span class="spoken">2 unread messages</span>' in browser.get("/").content.decode()


def test_a_direct_conversation_is_named_after_the_other_one(ann: User, bob: User, browser: Client):
    conversation_of(ann, bob)
    assert '<div class="row-title">bob</div>' in browser.get("/").content.decode()


def test_conversations_and_devices_of_others_are_not_shown(ann: User, bob: User, browser: Client):
    carol = User.objects.create(username="carol")
    conversation_of(bob, carol, title="secret plan")
    left = conversation_of(ann, bob, title="left behind")
    Membership.objects.filter(user=ann, conversation=left).update(left_at=timezone.now())
    register_device(bob, uuid4(), name="phone of bob")
    page = browser.get("/").content.decode()
    assert [word for word in ("secret plan", "left behind", "phone of bob", "carol") if word in page] == []


def test_the_page_costs_the_same_with_one_conversation_and_with_thirty(ann: User, bob: User, browser: Client):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/").status_code == 200
        return len(captured)

    conversation_of(ann, bob, title="first", messages=1)
    register_device(ann, uuid4())
    one = queries()
    for number in range(29):
        conversation_of(ann, bob, title=f"title {number}", messages=1)
        register_device(ann, uuid4())
    assert queries() == one


def test_the_page_is_not_kept_by_any_cache(browser: Client):
    assert "no-store" in browser.get("/").headers["Cache-Control"]


def test_the_page_is_only_read(browser: Client):
    assert browser.post("/").status_code == 405
    assert Client().post("/").status_code == 405
