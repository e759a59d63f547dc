"""The sequencer: in any order of arrival, every position is delivered once and in order."""

from hypothesis import given
from hypothesis import strategies as st

from chat.fanout.sequencer import WAITING_CHANGES, Sequencer
from chat.wire.committed import Committed


def change(position: int) -> Committed:
    return Committed(7, "e1", position, b"%d" % position)


def positions(changes: list[Committed]) -> list[int]:
    return [each.position for each in changes]


def test_what_comes_next_is_delivered_at_once():
    sequencer = Sequencer(5)
    assert positions(sequencer.offer([change(6), change(7)])) == [6, 7]
    assert (sequencer.delivered, sequencer.has_gap) == (7, False)


def test_what_is_known_is_dropped():
    sequencer = Sequencer(5)
    assert sequencer.offer([change(4), change(5)]) == []
    assert sequencer.delivered == 5


def test_what_comes_too_early_waits_for_what_is_missing():
    sequencer = Sequencer(5)
    assert sequencer.offer([change(7), change(8)]) == []
    assert sequencer.has_gap
    assert positions(sequencer.offer([change(6)])) == [6, 7, 8]
    assert not sequencer.has_gap


def test_a_read_of_the_log_fills_the_gap_and_releases_what_waited():
    sequencer = Sequencer(5)
    sequencer.offer([change(9)])
    assert positions(sequencer.catch_up([change(6), change(8)], covered=8)) == [6, 8, 9]
    assert (sequencer.delivered, sequencer.has_gap) == (9, False)


def test_positions_that_later_changes_replaced_are_passed_over():
    sequencer = Sequencer(5)
    assert positions(sequencer.catch_up([change(8)], covered=9)) == [8]
    assert sequencer.delivered == 9
    assert sequencer.offer([change(9)]) == []


def test_a_read_that_is_older_than_what_was_delivered_changes_nothing():
    sequencer = Sequencer(5)
    sequencer.offer([change(6), change(7)])
    assert sequencer.catch_up([change(6)], covered=6) == []
    assert sequencer.delivered == 7


def test_what_waits_is_bounded():
    sequencer = Sequencer(0)
    sequencer.offer([change(position) for position in range(2, WAITING_CHANGES + 500)])
    released = positions(sequencer.offer([change(1)]))
    assert released == list(range(1, WAITING_CHANGES + 2))


@given(st.permutations(range(1, 20)), st.lists(st.integers(1, 19)), st.integers(0, 19))
def test_any_arrival_with_repeats_and_one_read_delivers_each_position_once_in_order(order, repeats, covered):
    sequencer = Sequencer(0)
    delivered: list[int] = []
    for index, position in enumerate([*order, *repeats]):
        delivered += positions(sequencer.offer([change(position)]))
        if index == 7:
            missing = [change(each) for each in range(1, covered + 1)]
            delivered += positions(sequencer.catch_up(missing, covered))
    assert delivered == list(range(1, 20))
