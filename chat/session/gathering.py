"""The acts of one user that wait to be folded, merged by what they are about."""

from collections.abc import Iterable

from chat.session.acts import Acked, Act, Active, Connected, Counted, Drafted, Left, Posted, Read, Refreshed
from chat.session.state import DRAFT_CHARS, TEXT_CHARS, WINDOW_MESSAGES, excerpt, merge_cursors

MOST_ACTS = 600
"""Beyond this the oldest acts give way: SQL knows better in any case."""

Key = tuple[str, int | str]


class Gathering:
    """At most MOST_ACTS acts, in the order of their latest touch; folding them equals folding every act noted."""

    def __init__(self, acts: Iterable[Act] = ()) -> None:
        self._acts: dict[Key, Act] = {}
        self._posts = 0
        self.add_all(acts)

    def __len__(self) -> int:
        return len(self._acts)

    def acts(self) -> list[Act]:
        return list(self._acts.values())

    def add_all(self, acts: Iterable[Act]) -> None:
        for act in acts:
            self.add(act)

    def add(self, act: Act) -> None:
        if isinstance(act, Refreshed):
            self._forget("read", "draft")
        if isinstance(act, Connected):
            self._acts.pop(("left", act.device), None)
        if isinstance(act, Left) and not self._is_here(act):
            act = Active(act.at)
        key = self._key_of(act)
        self._acts[key] = _merged(self._acts.pop(key, None), act)
        if len(self._acts) > MOST_ACTS:
            del self._acts[next(iter(self._acts))]

    def _is_here(self, act: Left) -> bool:
        """Whether the device may still be on that node: it has not left already, nor moved."""
        arrival = self._acts.get(("connected", act.device))
        moved = isinstance(arrival, Connected) and arrival.node != act.node
        return not moved and ("left", act.device) not in self._acts

    def _forget(self, *kinds: str) -> None:
        self._acts = {key: act for key, act in self._acts.items() if key[0] not in kinds}

    def _key_of(self, act: Act) -> Key:
        match act:
            case Connected(device) | Left(device) | Acked(device):
                return type(act).__name__.lower(), device
            case Read(conversation):
                return "read", conversation
            case Drafted(conversation):
                return "draft", conversation
            case Posted():
                self._posts += 1
                return "posted", self._posts % WINDOW_MESSAGES
            case _:
                return type(act).__name__.lower(), 0


def _merged(old: Act | None, new: Act) -> Act:
    match old, new:
        case Read(seq=seq), Read():
            return Read(new.conversation, max(seq, new.seq))
        case Acked(cursors=cursors), Acked():
            merged = merge_cursors(cursors, new.cursors)
            return Acked(new.device, {key: (epoch, position) for key, (epoch, position) in merged.items()})
        case Active(at=at), Active():
            return Active(max(at, new.at))
        case Counted(counted_to=counted_to), Counted() if counted_to > new.counted_to:
            return old
        case _:
            return _cut(new)


def _cut(act: Act) -> Act:
    """Only as much text as the session would keep."""
    match act:
        case Posted():
            return Posted(act.message_id, act.conversation, act.seq, act.at, excerpt(act.text, TEXT_CHARS))
        case Drafted():
            return Drafted(act.conversation, excerpt(act.text, DRAFT_CHARS))
        case _:
            return act
