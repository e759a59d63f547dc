"""What waits to be folded for one user stays small and says the same."""

from datetime import timedelta

from hypothesis import given, settings

from chat.session.acts import Acked, Active, Connected, Drafted, Left, Posted, Read, Refreshed
from chat.session.gathering import MOST_ACTS, Gathering
from tests.unit.session.made import BEGIN, acts_among

LATER = BEGIN + timedelta(minutes=1)


def test_the_latest_draft_the_furthest_read_and_the_furthest_cursor_are_kept():
    gathering = Gathering([Drafted(7, "h"), Read(7, 5), Acked("d", {7: ("e1", 9)})])
    gathering.add_all([Drafted(7, "hi"), Read(7, 3), Acked("d", {7: ("e1", 4), 8: ("e1", 1)})])
    merged = Acked("d", {7: ("e1", 9), 8: ("e1", 1)})
    assert gathering.acts() == [Drafted(7, "hi"), Read(7, 5), merged]


def test_a_device_that_left_and_came_back_has_only_come():
    gathering = Gathering([Connected("d", "a", BEGIN), Left("d", LATER, "a"), Connected("d", "a", LATER)])
    assert gathering.acts() == [Connected("d", "a", LATER)]


def test_a_device_leaves_once():
    gathering = Gathering([Connected("d", "a", BEGIN), Left("d", BEGIN, "a"), Left("d", LATER, "a")])
    assert gathering.acts() == [Connected("d", "a", BEGIN), Left("d", BEGIN, "a"), Active(LATER)]


def test_what_sql_says_replaces_what_was_noted_before_it():
    refreshed = Refreshed(drafts={}, read_seqs={7: 2}, heads={})
    gathering = Gathering([Drafted(7, "old"), Read(7, 5), refreshed, Read(8, 1)])
    assert gathering.acts() == [refreshed, Read(8, 1)]


def test_only_the_last_fifty_posts_wait():
    posts = [Posted(number, 7, number, BEGIN, "x") for number in range(1, 131)]
    assert Gathering(posts).acts() == posts[-50:]


@settings(max_examples=40, deadline=None)
@given(acts_among(10**6, 10**6))
def test_never_more_acts_wait_than_the_bound(acts):
    gathering = Gathering(Read(number, 1) for number in range(MOST_ACTS))
    gathering.add_all(acts)
    assert len(gathering) <= MOST_ACTS
