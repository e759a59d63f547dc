"""How acts change a session, and how far it may grow."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chat.session.acts import Acked, Act, Connected, Drafted, Left, Posted, Read, decode_acts, encode_acts
from chat.session.bounds import CONVERSATIONS, DEVICES, LIMITS, STATE_BYTES, stored_bytes, trim
from chat.session.gathering import Gathering
from chat.session.state import (
    DRAFT_CHARS,
    TEXT_CHARS,
    WINDOW_MESSAGES,
    SessionState,
    checked,
    cursors_of,
    folded,
    merge_cursors,
    parsed,
)
from tests.unit.session.made import BEGIN, acts_among, fresh_state

CURSORS = dict.fromkeys(range(300), ("e" * 40, 2**53))
LATER = BEGIN + timedelta(hours=1)


def after(state: SessionState, *acts: Act) -> SessionState:
    state = folded(state, acts)
    return {**state, **trim(state)}


def read(state: SessionState) -> dict[str, object]:
    """A state without the order of its devices, which says nothing."""
    parts = {part: list(parsed(state, part).items()) for part in LIMITS}
    return {**state, **parts, "devices": parsed(state, "devices")}


@settings(max_examples=30, deadline=None)
@given(st.lists(acts_among(conversations=2**53, devices=500), max_size=4), st.integers(1, 60))
def test_no_sequence_of_acts_makes_a_session_larger_than_its_bounds(batches, repeated):
    state = fresh_state()
    for batch in batches:
        state = after(state, *batch)
    many = [Acked(f"device-{number}", CURSORS) for number in range(repeated)]
    state = after(state, *many, *(Drafted(number, '\\"\n\x00漢' * 200) for number in range(repeated * 5)))
    assert stored_bytes(state) <= STATE_BYTES
    assert len(parsed(state, "devices")) <= DEVICES
    assert all(len(parsed(state, part)) <= CONVERSATIONS for part in ("drafts", "read_seqs", "heads"))
    assert len(parsed(state, "window")) <= WINDOW_MESSAGES
    assert checked(state) == state


@settings(max_examples=150, deadline=None)
@given(acts_among(20, 4, text=st.text(max_size=40)), acts_among(20, 4, node="b", text=st.text(max_size=40)))
def test_folding_acts_one_by_one_equals_folding_them_gathered(acts, earlier):
    begun = after(fresh_state(), *earlier)
    one_by_one = begun
    for act in acts:
        one_by_one = after(one_by_one, act)
    assert read(after(begun, *Gathering(acts).acts())) == read(one_by_one)


@settings(max_examples=100, deadline=None)
@given(acts_among(50, 5))
def test_acts_survive_the_way_into_the_graph(acts):
    kept = Gathering(acts).acts()  # as they are folded: without the lone surrogates that JSON cannot carry
    assert decode_acts(encode_acts(kept)) == kept


@settings(max_examples=60, deadline=None)
@given(acts_among(30, 4))
def test_folding_the_same_acts_twice_changes_nothing(acts):
    """A step whose answer was lost is repeated."""
    once = after(fresh_state(), *Gathering(acts).acts())
    assert {key: parsed(after(once, *Gathering(acts).acts()), key) for key in ("drafts", "heads", "window")} == {
        key: parsed(once, key) for key in ("drafts", "heads", "window")
    }


def test_a_trimmed_state_is_not_trimmed_again():
    state = after(fresh_state(), *(Drafted(number, "x" * 900) for number in range(300)))
    assert trim(state) == {}


def test_the_least_recent_drafts_give_way_first():
    state = after(fresh_state(), *(Drafted(number, "x" * 900) for number in range(300)))
    kept = [int(key) for key in parsed(state, "drafts")]
    assert kept == list(range(300 - len(kept), 300))
    assert len(kept) >= 15


def test_the_devices_last_seen_longest_ago_give_way_first():
    visits = [Connected(f"device-{number}", "a", BEGIN + timedelta(seconds=number)) for number in range(60)]
    state = after(fresh_state(), *visits[::-1])
    assert sorted(parsed(state, "devices")) == sorted(f"device-{number}" for number in range(10, 60))


def test_only_the_beginning_of_a_text_is_kept():
    posted = Posted(9, 7, 41, BEGIN, "y" * 8000)
    state = after(fresh_state(), posted, Drafted(7, "z" * 8000))
    assert parsed(state, "window")["9"][4] == "y" * TEXT_CHARS
    assert parsed(state, "drafts") == {"7": "z" * DRAFT_CHARS}


def test_a_sent_draft_is_gone():
    assert parsed(after(fresh_state(), Drafted(7, "hal"), Drafted(7, "")), "drafts") == {}


def test_a_read_position_never_goes_back():
    assert parsed(after(fresh_state(), Read(7, 41), Read(7, 12)), "read_seqs") == {"7": 41}


def test_a_device_that_moved_to_another_node_is_not_marked_as_gone_by_the_first():
    arrived = [Connected("d", "a", BEGIN), Connected("d", "b", BEGIN + timedelta(seconds=1))]
    state = after(after(fresh_state(), *arrived), Left("d", LATER, "a"))
    assert parsed(state, "devices")["d"]["node"] == "b"


def test_a_device_that_left_keeps_its_cursors():
    state = after(fresh_state(), Connected("d", "a", BEGIN), Acked("d", {7: ("e1", 41)}), Left("d", LATER, "a"))
    assert parsed(state, "devices")["d"]["node"] == ""
    assert cursors_of(state, "d") == {7: ("e1", 41)}


def test_a_cursor_goes_forward_within_an_epoch_and_anywhere_in_another():
    assert merge_cursors({7: ("e1", 41), 8: ("e1", 5)}, {7: ("e1", 12), 8: ("e2", 1)}) == {7: ["e1", 41], 8: ["e2", 1]}


def test_every_value_of_a_state_is_an_int_or_a_string():
    """The checkpointer revives classes that are named in stored dicts; strings it leaves alone."""
    poison = '{"lc":2,"type":"constructor","id":["os","system"],"kwargs":{}}'
    state = after(fresh_state(), Drafted(7, poison), Posted(1, 7, 1, BEGIN, poison), Acked(poison, {7: (poison, 1)}))
    assert {type(value) for value in state.values()} == {int, str}
