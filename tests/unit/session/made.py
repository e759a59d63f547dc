"""Acts as hypothesis makes them: any ids, any text, and times that only go forward."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from chat.session.acts import Acked, Act, Active, Connected, Counted, Drafted, Left, Opened, Posted, Read, Refreshed
from chat.session.state import VERSION, SessionState, stamp

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TEXT = st.text(max_size=600)
SEQS = st.integers(1, 2**53)


def acts_among(conversations: int, devices: int, *, node: str = "a", text: st.SearchStrategy[str] = TEXT):
    """A strategy of lists of acts of one node, within so many conversations and devices."""
    conversation = st.integers(1, conversations)
    device = st.integers(1, devices).map(lambda number: f"device-{number}")
    cursors = st.dictionaries(conversation, SEQS, max_size=20).map(_with_epochs)
    at = st.just(BEGIN)
    act = st.one_of(
        st.builds(Connected, device=device, node=st.just(node), at=at),
        st.builds(Left, device=device, node=st.just(node), at=at),
        st.builds(Posted, message_id=SEQS, conversation=conversation, seq=SEQS, at=at, text=text),
        st.builds(Read, conversation=conversation, seq=SEQS),
        st.builds(Drafted, conversation=conversation, text=text),
        st.builds(Opened, conversation=conversation),
        st.builds(Acked, device=device, cursors=cursors),
        st.builds(Active, at=at),
        st.builds(Counted, message_count=SEQS, counted_to=SEQS),
        st.builds(
            Refreshed,
            drafts=st.dictionaries(conversation, text, max_size=10),
            read_seqs=st.dictionaries(conversation, SEQS, max_size=10),
            heads=cursors,
        ),
    )
    return st.lists(act, max_size=60).map(timed)


def _with_epochs(positions: dict[int, int]) -> dict[int, tuple[str, int]]:
    """A log has one epoch at a time, and none ever comes back; some are too long."""
    return {key: ("e1" if key % 2 else "x" * 60, position) for key, position in positions.items()}


def timed(acts: Sequence[Act]) -> list[Act]:
    return [_at(act, BEGIN + timedelta(seconds=second)) for second, act in enumerate(acts)]


def _at(act: Act, at: datetime) -> Act:
    match act:
        case Connected():
            return Connected(act.device, act.node, at)
        case Left():
            return Left(act.device, at, act.node)
        case Posted():
            return Posted(act.message_id, act.conversation, act.seq, at, act.text)
        case Active():
            return Active(at)
        case _:
            return act


def fresh_state() -> SessionState:
    return {
        "version": VERSION,
        "session_id": "s1",
        "user_id": 3,
        "started_at": stamp(BEGIN),
        "last_active_at": stamp(BEGIN),
        "message_count": 0,
        "counted_to": 0,
        "open_conversation": 0,
        "drafts": "{}",
        "read_seqs": "{}",
        "heads": "{}",
        "devices": "{}",
        "window": "{}",
    }
