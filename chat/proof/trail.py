"""What one device was shown of one conversation, replayed from its lines."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chat.proof.history import Line
from chat.wire.limits import SNAPSHOT_MESSAGES

SETTLE_SECONDS = 1.0
"""A socket may break between the rows of a gap read and the `caught_up` that explains them."""


@dataclass(slots=True)
class Trail:
    """What the application on top of the device shows, and what went wrong on the way.

    `shown` maps seq to the latest `received` line, `appeared` seq to when it was first there (seconds), in order of
    first appearance. Messages below `floor` need not be there: a snapshot left them to `history`.
    """

    device: str
    conversation: int
    shown: dict[int, Line] = field(default_factory=dict)
    appeared: dict[int, float] = field(default_factory=dict)
    cursor: int = 0
    floor: int = 1
    epoch: str = ""
    repeated: list[Line] = field(default_factory=list)
    backwards: list[Line] = field(default_factory=list)
    skipped: list[tuple[int, int]] = field(default_factory=list)
    early_replies: list[tuple[int, int]] = field(default_factory=list)
    _positions: set[int] = field(default_factory=set)
    _snapshot: list[int] | None = None
    _gaps: list[tuple[int, int, float]] = field(default_factory=list)
    _awaited: dict[int, int] = field(default_factory=dict)

    def _resume(self, line: Line, closes: Sequence[float]) -> None:
        self._settle_gaps(line.at, closes)
        self._snapshot = None
        if line.via == "snapshot":
            self._forget()
            self._snapshot = []

    def _forget(self) -> None:
        self.shown.clear()
        self.appeared.clear()
        self._positions.clear()
        self._awaited.clear()
        self.cursor = 0

    def _settle_gaps(self, resumed_at: float, closes: Sequence[float]) -> None:
        before = bisect_right(closes, resumed_at)
        closed_at = closes[before - 1] if before else resumed_at
        self.skipped += [(first, last) for first, last, at in self._gaps if closed_at - at > SETTLE_SECONDS]
        self._gaps.clear()

    def _caught_up(self, line: Line) -> None:
        self.epoch = line.text
        if self._snapshot is not None:
            # A snapshot that could have held more holds the whole conversation.
            whole = len(self._snapshot) < SNAPSHOT_MESSAGES
            self.floor = 1 if whole else min(self._snapshot)
            self._snapshot = None
        self._gaps = [gap for gap in self._gaps if gap[1] > line.changed_seq]
        self.cursor = max(self.cursor, line.changed_seq)

    def _receive(self, line: Line) -> None:
        if line.via == "page":
            return  # What was asked for must not hide that it had never been sent.
        if self._snapshot is not None:
            self._snapshot.append(line.seq)
            self._mark(line)
        else:
            self._follow(line)

    def _follow(self, line: Line) -> None:
        position, cursor = line.changed_seq, self.cursor
        if position <= cursor:
            (self.repeated if position in self._positions else self.backwards).append(line)
        else:
            if position > cursor + 1 and line.via == "live":
                self._gaps.append((cursor + 1, position - 1, line.at))
            self.cursor = position
        self._mark(line)

    def _mark(self, line: Line) -> None:
        self._positions.add(line.changed_seq)
        self._show(line)

    def _show(self, line: Line) -> None:
        seq = line.seq
        held = self.shown.get(seq)
        if held is None:
            self.appeared[seq] = line.at
            self._watch_reply(line)
            self.shown[seq] = line
        elif held.changed_seq < line.changed_seq:
            self.shown[seq] = line

    def _watch_reply(self, line: Line) -> None:
        # A parent edited since comes with its edit, later than the reply: that is the latest state, not disorder.
        if self._awaited and line.seq in self._awaited and line.changed_seq == line.seq:
            self.early_replies.append((self._awaited.pop(line.seq), line.seq))
        if line.reply_to and line.via == "live" and line.reply_to not in self.shown:
            self._awaited[line.reply_to] = line.seq


def walk(device: str, conversation: int, lines: Iterable[Line], closes: Sequence[float], *, is_alive: bool) -> Trail:
    """Replay the lines of one device and one conversation; `closes` are the times at which its sockets closed."""
    trail = Trail(device, conversation)
    for line in lines:
        if line.what == "received":
            trail._receive(line)
        elif line.what == "caught_up":
            trail._caught_up(line)
        elif line.what == "resume":
            trail._resume(line, closes)
    if is_alive:
        trail.skipped += [(first, last) for first, last, _ in trail._gaps]
    return trail
