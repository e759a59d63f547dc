from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from chat.log.append import append_batch
from chat.log.changes import Post
from chat.log.creating import create_group
from chat.log.memory import Memory
from chat.models import Conversation, Message, Reminder, ToolCall, Turn
from chat.ops import retention

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
OLD = NOW - timedelta(days=40)
NOTHING = "0 messages, 0 turns, 0 tool calls, 0 reminders, 0 sessions."
TOO_OLD = "5 messages, 1 turns, 2 tool calls, 1 reminders, 1 sessions."
USELESS = "0 messages, 0 turns, 2 tool calls, 1 reminders, 1 sessions."


@pytest.fixture(autouse=True)
def site(monkeypatch) -> None:
    """One conversation with five old messages and a new one; an old and a running turn; two reminders; two sessions."""
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    ann = User.objects.create_user("ann")
    group = create_group(ann.pk, "Lunch", []).conversation
    append_batch([Post(group, ann.pk, uuid4(), "words") for _ in range(6)], Memory())
    Message.objects.filter(seq__lte=6).update(at=OLD)
    about = {"conversation_id": group, "asker": ann, "program": ann}
    ended = Turn.objects.create(**about, trigger=2, status="done", created_at=OLD, ended_at=OLD)
    running = Turn.objects.create(**about, trigger=3, status="running", created_at=OLD)
    for turn, call in ((ended, "a"), (ended, "b"), (running, "a")):
        ToolCall.objects.create(turn=turn, step=1, call=call)
    for said_at in (OLD, NOW, None):
        Reminder.objects.create(**about, text="tea", due_at=OLD, said_at=said_at)
    for key, expires in (("a", OLD), ("b", NOW + timedelta(days=1))):
        Session.objects.create(session_key=key, expire_date=expires)


def prune(*options: str) -> str:
    said = StringIO()
    call_command("prune", *options, stdout=said)
    return said.getvalue().strip()


def left() -> tuple[int, ...]:
    kept = Message.objects.filter(kind="text", deleted=False)
    return tuple(rows.count() for rows in (kept, Turn.objects, ToolCall.objects, Reminder.objects, Session.objects))


def test_what_is_too_old_goes_and_the_rest_stays():
    assert prune("--days", "30") == f"Let go: {TOO_OLD}"
    assert left() == (1, 1, 1, 2, 1)
    assert Conversation.objects.get().head == 7 + 5
    assert prune("--days", "30") == f"Let go: {NOTHING}"


def test_by_default_messages_and_turns_stay_for_ever():
    assert prune() == f"Let go: {USELESS}"
    assert left() == (6, 2, 1, 2, 1)


def test_the_setting_says_how_long(settings):
    settings.RETENTION_DAYS = 30
    assert prune() == f"Let go: {TOO_OLD}"


def test_a_rehearsal_changes_nothing():
    before = left()
    assert prune("--days", "30", "--dry-run") == f"Would let go: {TOO_OLD}"
    assert left() == before


@pytest.mark.parametrize("days", ["-1", "36501"])
def test_days_that_make_no_sense_are_refused(days: str):
    with pytest.raises(CommandError, match="Days are a number from 0"):
        prune("--days", days)
