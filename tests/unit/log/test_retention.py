from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from chat.log.append import append_batch
from chat.log.changes import Post, React
from chat.log.creating import create_group
from chat.log.memory import Memory
from chat.log.reading import heads, read_after
from chat.log.retention import expire_some
from chat.models import AssistantSettings, Message

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
BEFORE = NOW - timedelta(days=30)


@pytest.fixture
def group() -> int:
    """Seq 1 says who made it, 2 to 6 are old, 7 to 9 are new; head 10."""
    ann = User.objects.create_user("ann")
    group = create_group(ann.pk, "Lunch", []).conversation
    append_batch([Post(group, ann.pk, uuid4(), f"words {i}", "<p>") for i in range(2, 10)], Memory())
    append_batch([React(group, ann.pk, 3, "👍", True)], Memory())
    Message.objects.filter(seq__lte=6).update(at=NOW - timedelta(days=40))
    return group


def expire(group: int, *, after: int = 0, most: int = 100) -> list[int]:
    return expire_some(group, BEFORE, after=after, most=most)


def test_old_messages_become_tombstones_at_positions_without_gaps(group: int):
    assert expire(group) == [2, 3, 4, 5, 6]
    tail = read_after(group, 10, 100)
    assert tail is not None
    assert [change.position for change in tail.changes] == [11, 12, 13, 14, 15]
    assert heads([group])[group].position == 15
    assert all(b"words" not in change.body and b'"deleted":true' in change.body for change in tail.changes)
    kept = Message.objects.filter(conversation_id=group, deleted=False).order_by("seq")
    assert [(row.seq, row.text) for row in kept] == [(1, ""), (7, "words 7"), (8, "words 8"), (9, "words 9")]
    assert not Message.objects.filter(deleted=True).exclude(text="", html="", reactions={}).exists()


def test_again_nothing_happens(group: int):
    expire(group)
    assert (expire(group), heads([group])[group].position) == ([], 15)


def test_it_goes_in_steps(group: int):
    assert expire(group, most=2) == [2, 3]
    assert expire(group, after=3, most=2) == [4, 5]
    assert expire(group, after=5, most=2) == [6]


def test_a_conversation_that_is_gone_is_no_failure():
    assert expire(1) == []


@pytest.mark.parametrize(("summary_to", "left"), [(4, 4), (8, 6)])
def test_the_assistant_forgets_what_it_had_noted_of_them(group: int, summary_to: int, left: int):
    AssistantSettings.objects.create(conversation_id=group, summary="ann said words 3", summary_to=summary_to)
    expire(group)
    chosen = AssistantSettings.objects.get()
    assert (chosen.summary, chosen.summary_to) == ("", left)
