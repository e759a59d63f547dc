"""Reading the log: everything after a position, once, in its latest state, by index."""

from collections.abc import Callable

import orjson
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from chat.log.append import Result, append_batch
from chat.log.changes import Change, Delete, Edit, React
from chat.log.creating import create_group
from chat.log.memory import Memory
from chat.log.outcome import Appended
from chat.log.reading import heads, read_after, read_latest
from chat.models import Message
from tests.unit.log.conftest import posted

Append = Callable[..., list[Result]]

pytestmark = pytest.mark.django_db


def test_everything_after_a_position_comes_in_order(append: Append, group: int, ann: User):
    append(*(posted(group, ann, f"{number}") for number in range(5)))
    tail = read_after(group, 3, 100)
    assert tail is not None
    assert [change.position for change in tail.changes] == [4, 5, 6]
    assert (tail.covered, tail.more) == (6, False)


def test_an_edited_message_comes_once_in_its_latest_state(append: Append, group: int, ann: User):
    append(posted(group, ann, "one"), posted(group, ann, "two"))
    append(Edit(group, ann.pk, 2, "one!"))
    append(Edit(group, ann.pk, 2, "one!!"))
    tail = read_after(group, 0, 100)
    assert tail is not None
    assert [change.position for change in tail.changes] == [1, 3, 5]
    assert orjson.loads(tail.changes[-1].body)["text"] == "one!!"
    assert tail.covered == 5


def test_a_limit_cuts_the_answer_and_says_so(append: Append, group: int, ann: User):
    append(*(posted(group, ann) for _ in range(5)))
    tail = read_after(group, 0, 3)
    assert tail is not None
    assert ([change.position for change in tail.changes], tail.covered, tail.more) == ([1, 2, 3], 3, True)


def test_nothing_new_is_an_empty_tail_that_covers_the_head(group: int):
    tail = read_after(group, 1, 10)
    assert tail is not None
    assert (tail.changes, tail.covered, tail.more) == ([], 1, False)


def test_a_conversation_that_does_not_exist_has_no_tail_and_no_head(db: None):
    assert (read_after(404, 0, 10), read_latest(404, 10), heads([404])) == (None, None, {})


def test_the_latest_messages_are_the_last_places_in_order(append: Append, group: int, ann: User):
    append(*(posted(group, ann, f"{number}") for number in range(5)))
    append(Edit(group, ann.pk, 3, "edited"))
    tail = read_latest(group, 3)
    assert tail is not None
    assert [orjson.loads(change.body)["seq"] for change in tail.changes] == [4, 5, 6]
    assert tail.covered == 7


def test_reading_after_a_position_uses_the_index(append: Append, group: int, ann: User):
    if connection.vendor != "sqlite":
        pytest.skip("reads SQLite's query plan")
    append(posted(group, ann))
    rows = Message.objects.filter(conversation_id=group, changed_seq__gt=1).select_related("sender")
    plan = rows.order_by("changed_seq")[:10].explain()
    assert "SEARCH chat_message USING INDEX" in plan
    assert "SCAN chat_message" not in plan
    assert "TEMP B-TREE" not in plan


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_live_equals_replayed(ann: User, data: st.DataObject):
    """Whoever hears every change and whoever reads the log from any position hold the same messages."""
    group = create_group(ann.pk, "Model", []).conversation
    memory = Memory()
    live: dict[int, bytes] = {change.position: change.body for change in read_after(group, 0, 10).changes}
    states: list[dict[int, dict[str, object]]] = [_latest(live)]
    for _ in range(data.draw(st.integers(1, 8))):
        batch = data.draw(st.lists(_changes(group, ann, len(live)), min_size=1, max_size=4))
        for result in append_batch(batch, memory):
            if isinstance(result, Appended) and result.committed:
                live[result.committed.position] = result.committed.body
                states.append(_latest(live))
    assert sorted(live) == list(range(1, len(live) + 1))
    start = data.draw(st.integers(0, len(live)))
    held = {position: body for position, body in live.items() if position <= start}
    tail = read_after(group, start, 1000)
    assert tail is not None
    replayed = held | {change.position: change.body for change in tail.changes}
    assert _latest(replayed) == states[-1]
    assert tail.covered == len(live)


def _latest(changes: dict[int, bytes]) -> dict[int, dict[str, object]]:
    """Messages by place, in the state of their latest change."""
    held: dict[int, dict[str, object]] = {}
    for position in sorted(changes):
        event = orjson.loads(changes[position])
        held[event["seq"]] = event
    return held


def _changes(group: int, ann: User, head: int) -> st.SearchStrategy[Change]:
    seqs = st.integers(1, max(1, head))
    return st.one_of(
        st.builds(lambda text: posted(group, ann, text), st.sampled_from(["a", "b", "你好", "**c**"])),
        st.builds(lambda seq, text: Edit(group, ann.pk, seq, text), seqs, st.sampled_from(["x", "y"])),
        st.builds(lambda seq: Delete(group, ann.pk, seq), seqs),
        st.builds(lambda seq, on: React(group, ann.pk, seq, "👍", on), seqs, st.booleans()),
    )
