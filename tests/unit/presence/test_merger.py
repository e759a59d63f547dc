"""Receipts and typing may be many; what is sent of them is little, and ends with the truth."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chat.presence.merger import Merger


class Line:
    """Records what a merger sends, and when, on a clock that the test moves."""

    def __init__(self, *, max_keys: int = 100) -> None:
        self.now = 0.0
        self.sent: list[list[str]] = []
        self.moments: list[tuple[float, str]] = []
        self.merger: Merger[str] = Merger(self.send, 1.0, max_keys=max_keys, clock=lambda: self.now)

    def send(self, events: list[str]) -> None:
        self.sent.append(events)
        self.moments += [(self.now, event) for event in events]

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.merger.flush()


def test_the_first_event_of_a_key_is_sent_at_once():
    line = Line()
    line.merger.put("ann", "a1")
    line.merger.put("bob", "b1")
    assert line.sent == [["a1"], ["b1"]]


def test_later_events_wait_for_the_interval_and_the_latest_wins():
    line = Line()
    for event in ("a1", "a2", "a3"):
        line.merger.put("ann", event)
    line.pass_time(0.9)
    assert line.sent == [["a1"]]
    line.pass_time(0.1)
    assert line.sent == [["a1"], ["a3"]]


def test_what_is_due_for_several_keys_is_sent_as_one_list():
    line = Line()
    for key in ("ann", "bob"):
        line.merger.put(key, f"{key}1")
        line.merger.put(key, f"{key}2")
    line.pass_time(1)
    assert line.sent[2:] == [["ann2", "bob2"]]


def test_a_flush_is_followed_by_another_quiet_interval():
    line = Line()
    line.merger.put("ann", "a1")
    line.merger.put("ann", "a2")
    line.pass_time(1)
    line.merger.put("ann", "a3")
    assert line.sent == [["a1"], ["a2"]]
    line.pass_time(1)
    assert line.sent == [["a1"], ["a2"], ["a3"]]


def test_a_put_after_the_interval_replaces_what_nobody_flushed():
    line = Line()
    line.merger.put("ann", "a1")
    line.merger.put("ann", "a2")
    line.now = 5
    line.merger.put("ann", "a3")
    line.pass_time(1)
    assert line.sent == [["a1"], ["a3"]]


def test_the_owner_is_told_when_to_flush():
    line = Line()
    assert line.merger.wait_seconds() is None
    line.merger.put("ann", "a1")
    line.now = 0.25
    assert line.merger.wait_seconds() == 0.75
    line.now = 3
    assert line.merger.wait_seconds() == 0
    line.merger.flush()
    assert line.merger.wait_seconds() is None


def test_with_too_many_keys_the_oldest_loses_what_it_has_waiting():
    line = Line(max_keys=2)
    for event in ("a1", "a2"):
        line.merger.put("ann", event)
    line.merger.put("bob", "b1")
    line.merger.put("eve", "e1")
    line.pass_time(1)
    assert line.sent == [["a1"], ["b1"], ["e1"]]
    assert line.merger.dropped == 1


STEPS = st.lists(st.one_of(st.sampled_from("abc"), st.floats(0, 2)), max_size=40)


@given(STEPS)
def test_the_last_event_of_every_key_arrives_in_order_and_never_two_within_an_interval(steps: list[str | float]):
    line, put = Line(), {}
    for number, step in enumerate(steps):
        if isinstance(step, str):
            put[step] = f"{step}{number}"
            line.merger.put(step, put[step])
        else:
            line.pass_time(step)
    line.pass_time(1)
    for key, last in put.items():
        mine = [(moment, event) for moment, event in line.moments if event[0] == key]
        assert mine[-1][1] == last
        assert [int(event[1:]) for _, event in mine] == sorted({int(event[1:]) for _, event in mine})
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(mine)]
        assert [gap for gap in gaps if gap < 1 - 1e-9] == []
