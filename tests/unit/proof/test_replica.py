"""The strict eye of a device on the order of one conversation."""

import pytest

from chat.proof.replica import Replica, hash_of
from tests.unit.proof.far_end import entry, message


@pytest.fixture
def reported() -> list[str]:
    return []


@pytest.fixture
def replica(reported) -> Replica:
    replica = Replica(7, lambda rule, detail: reported.append(rule))
    replica.begin(entry(resume="snapshot"))
    replica.receive(message(1))
    replica.caught_up("e1", 1)
    return replica


def test_the_way_in_which_a_message_came_is_named(replica, reported):
    assert replica.receive(message(2)) == "live"
    replica.begin(entry(resume="replay"))
    assert replica.receive(message(3)) == "replay"
    replica.begin(entry(resume="snapshot"))
    assert replica.receive(message(3)) == "snapshot"
    assert reported == []


def test_a_replay_may_skip_but_not_repeat(replica, reported):
    replica.begin(entry(resume="replay"))
    replica.receive(message(2, changed=9))
    assert (replica.gaps, reported) == ([], [])
    replica.receive(message(5))
    assert reported == ["B"]
    assert replica.cursor == 9


def test_a_gap_stays_open_until_a_caught_up_reaches_its_end(replica):
    replica.receive(message(5))
    replica.receive(message(6))
    assert replica.gaps == [(2, 4)]
    replica.caught_up("e1", 3)
    assert replica.gaps == [(2, 4)]
    replica.caught_up("e1", 6)
    assert replica.gaps == []


def test_a_replay_in_another_epoch_is_wrong(replica, reported):
    replica.begin(entry(resume="replay", epoch="e2"))
    assert reported == ["D"]


def test_an_epoch_does_not_change_in_the_middle(replica, reported):
    replica.caught_up("e2", 1)
    assert reported == ["D"]


def test_a_snapshot_that_broke_off_leaves_no_cursor(replica):
    replica.begin(entry(resume="snapshot"))
    replica.receive(message(9))
    assert replica.epoch == ""


def test_an_older_state_does_not_replace_a_newer_one(replica):
    replica.receive(message(1, "new", changed=2))
    replica.add_page([message(1, "old")])
    assert replica.transcript() == [(1, "new")]


def test_a_deleted_message_has_no_text(replica):
    tombstone = {**message(1, changed=2), "deleted": True}
    del tombstone["text"]
    replica.receive(tombstone)
    assert replica.transcript() == [(1, "")]


def test_a_hash_tells_order_and_text_apart():
    transcripts = [[(1, "a"), (2, "b")], [(1, "b"), (2, "a")], [(1, "a")], [(1, "ab")], []]
    assert len({hash_of(each) for each in transcripts}) == len(transcripts)
