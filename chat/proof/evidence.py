"""The history, sorted once: who did what with which answer, and who was shown what."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chat.proof.history import History, Line, look_of
from chat.proof.trail import Trail, walk

UNDECIDED = frozenset({"unavailable", "internal"})
"""Errors after which the write may have happened or not."""

WRITES = frozenset({"post", "edit", "delete", "react"})
TRAILS = frozenset({"resume", "caught_up", "received"})
NEVER = float("inf")

Log = Mapping[int, Mapping[int, "Row"]]


class Violation(NamedTuple):
    """A broken promise: the letter of its rule and what was seen."""

    rule: str
    detail: str


class Member(NamedTuple):
    """One stay of a user in a conversation.

    `left` is the position of the change that ended it (None: still a member). Nothing may be received before `since`
    nor after `until`, both in seconds of the history's clock; give `until` the grace that the product promises.
    """

    user: int
    left: int | None = None
    since: float = -NEVER
    until: float = NEVER


class Trigger(NamedTuple):
    """A message that the assistant has to answer, once: the answer replies to `seq`."""

    conversation: int
    seq: int
    assistant: int


class Row(NamedTuple):
    """One message as the log holds it."""

    seq: int
    changed_seq: int
    act: str
    look: str
    user: int
    reply_to: int
    kind: str


@dataclass(slots=True)
class Act:
    """One write of one device; `status` is ok, refused or unknown, `answered` the time of the first ok."""

    name: str
    what: str
    device: str
    conversation: int
    seq: int
    text: str
    reply_to: int
    sent: float
    answered: float = NEVER
    status: str = "unknown"
    places: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Evidence:
    """Everything that the rules look at."""

    log: dict[int, dict[int, Row]]
    log_repeats: list[str]
    finals: Mapping[str, Mapping[int, Iterable[Mapping[str, Any]]]]
    members: Mapping[int, Sequence[Member]]
    triggers: Sequence[Trigger]
    acts: dict[str, Act] = field(default_factory=dict)
    users: dict[str, int] = field(default_factory=dict)
    alive: set[str] = field(default_factory=set)
    first_connected: dict[str, float] = field(default_factory=dict)
    trails: dict[tuple[str, int], Trail] = field(default_factory=dict)
    lines: dict[tuple[str, int], list[Line]] = field(default_factory=dict)
    heard: list[Line] = field(default_factory=list)
    states: dict[tuple[int, int], Line] = field(default_factory=dict)
    disagreements: list[tuple[Line, Line]] = field(default_factory=list)
    existing: dict[int, int] = field(default_factory=dict)
    healed: list[Line] = field(default_factory=list)
    self_reported: list[Line] = field(default_factory=list)

    def is_member(self, user: int, conversation: int) -> bool:
        """Whether the user is a member when the run ends."""
        return any(stay.user == user and stay.left is None for stay in self.members.get(conversation, ()))

    def reach(self, trail: Trail) -> float:
        """Up to which position the device has to hold the log."""
        is_present = trail.device in self.alive and self.is_member(self.users.get(trail.device, 0), trail.conversation)
        return NEVER if is_present else trail.cursor


def gather(
    history: History,
    log: Iterable[Mapping[str, Any]],
    finals: Mapping[str, Mapping[int, Iterable[Mapping[str, Any]]]],
    members: Mapping[int, Sequence[Member]],
    triggers: Sequence[Trigger],
) -> Evidence:
    """Read the history once."""
    rows, repeats = _rows_of(log)
    evidence = Evidence(rows, repeats, finals, members, triggers)
    closes: dict[str, list[float]] = defaultdict(list)
    for line in history.lines:
        what = line.what
        if what in TRAILS:
            _trace(evidence, line)
        elif what in WRITES:
            evidence.acts.setdefault(line.act, _act_of(line))
        else:
            _note(evidence, line, closes)
    _walk_all(evidence, closes)
    return evidence


def row_of(message: Mapping[str, Any]) -> Row:
    """One message of the log, in the shape of the `message` event, as the checker compares it."""
    return Row(
        message["seq"],
        message.get("changed_seq") or message["seq"],
        str(message.get("client_id") or ""),
        look_of(message),
        (message.get("sender") or {}).get("id", 0),
        message.get("reply_to") or 0,
        message.get("kind", "text"),
    )


def _rows_of(log: Iterable[Mapping[str, Any]]) -> tuple[dict[int, dict[int, Row]], list[str]]:
    rows: dict[int, dict[int, Row]] = defaultdict(dict)
    repeats: list[str] = []
    acts: dict[tuple[int, str], int] = {}
    for message in log:
        row, conversation = row_of(message), message["conversation"]
        if row.seq in rows[conversation]:
            repeats.append(f"the log holds two messages at {conversation}:{row.seq}")
        if row.act and acts.setdefault((row.user, row.act), row.seq) != row.seq:
            repeats.append(f"the log holds post {row.act} twice: {acts[row.user, row.act]} and {row.seq}")
        rows[conversation][row.seq] = row
    return rows, repeats


def _trace(evidence: Evidence, line: Line) -> None:
    key = (line.device, line.conversation)
    lines = evidence.lines.get(key)
    if lines is None:
        lines = evidence.lines[key] = []
    lines.append(line)
    if line.what == "received":
        known = evidence.states.setdefault((line.conversation, line.changed_seq), line)
        if known is not line and (known.seq != line.seq or known.text != line.text or known.act != line.act):
            evidence.disagreements.append((known, line))


def _act_of(line: Line) -> Act:
    return Act(line.act, line.what, line.device, line.conversation, line.seq, line.text, line.reply_to, line.at)


def _note(evidence: Evidence, line: Line, closes: dict[str, list[float]]) -> None:
    match line.what:
        case "ok" | "error" | "lost" | "resend":
            if act := evidence.acts.get(line.act):
                _answer(act, line)
        case "device":
            evidence.users[line.device] = line.user
        case "connected":
            evidence.alive.add(line.device)
            evidence.first_connected.setdefault(line.device, line.at)
        case "closed" | "revoked":
            evidence.alive.discard(line.device)
            closes[line.device].append(line.at)
        case "heard":
            evidence.heard.append(line)
        case "existing":
            evidence.existing[line.conversation] = line.seq
        case "healed":
            evidence.healed.append(line)
        case "violation":
            evidence.self_reported.append(line)


def _answer(act: Act, line: Line) -> None:
    if line.what == "ok":
        act.status = "ok"
        act.answered = min(act.answered, line.at)
        act.places.append(line.seq)
    elif act.status != "ok":
        is_refusal = line.what == "error" and line.via not in UNDECIDED
        act.status = "refused" if is_refusal else "unknown"


def _walk_all(evidence: Evidence, closes: Mapping[str, list[float]]) -> None:
    for (device, conversation), lines in evidence.lines.items():
        is_alive = device in evidence.alive
        trail = walk(device, conversation, lines, closes.get(device, ()), is_alive=is_alive)
        evidence.trails[device, conversation] = trail
    for device in evidence.alive:
        for conversation in evidence.members:
            if evidence.is_member(evidence.users.get(device, 0), conversation):
                evidence.trails.setdefault((device, conversation), Trail(device, conversation))
