"""From where a device goes on: a replay where its cursor says something, else a snapshot."""

import pytest

from chat.edge.following import Plan, plan
from chat.queries import ConversationRow
from chat.wire.commands import Cursor
from chat.wire.limits import REPLAY_CHANGES


def conversation(head: int = 1000) -> ConversationRow:
    return ConversationRow(7, "group", "Plans", "e1", head, 2, 0, 0, "", [])


@pytest.mark.parametrize("seq", [1000, 999, 1000 - REPLAY_CHANGES])
def test_a_cursor_of_this_log_that_is_near_enough_is_replayed(seq: int):
    row = conversation()

    assert plan(row, Cursor(epoch="e1", seq=seq)) == Plan(row, seq)
    assert plan(row, Cursor(epoch="e1", seq=seq)).resume == "replay"


@pytest.mark.parametrize(
    "cursor",
    [
        None,
        Cursor(epoch="e2", seq=1000),
        Cursor(epoch="e1", seq=1001),
        Cursor(epoch="e1", seq=1000 - REPLAY_CHANGES - 1),
        Cursor(epoch="e1", seq=0),
    ],
    ids=["none", "another epoch", "ahead", "too far behind", "from the beginning"],
)
def test_any_other_cursor_brings_a_snapshot(cursor: Cursor | None):
    row = conversation()

    assert plan(row, cursor) == Plan(row, None)
    assert plan(row, cursor).resume == "snapshot"


def test_an_empty_conversation_is_replayed_from_nothing():
    row = conversation(head=0)

    assert plan(row, Cursor(epoch="e1", seq=0)) == Plan(row, 0)
