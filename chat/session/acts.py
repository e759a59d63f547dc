"""What a user did, as small facts that can be folded into the user's session."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import orjson

Cursors = Mapping[int, tuple[str, int]]
"""Conversation id to (epoch, changed_seq)."""


@dataclass(frozen=True, slots=True)
class Connected:
    """A device opened its connection to a node."""

    device: str
    node: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Left:
    """A device closed its connection to a node; without effect when it has moved to another node since."""

    device: str
    at: datetime
    node: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """The user's own message was committed; the text may be whole, only its beginning is kept."""

    message_id: int
    conversation: int
    seq: int
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Read:
    conversation: int
    seq: int


@dataclass(frozen=True, slots=True)
class Drafted:
    """The draft is now this text; an empty one was sent or given up."""

    conversation: int
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    conversation: int


@dataclass(frozen=True, slots=True)
class Acked:
    """A device has processed these conversations up to these cursors."""

    device: str
    cursors: Cursors


@dataclass(frozen=True, slots=True)
class Active:
    """The user was there; the service adds it to acts that carry no time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Counted:
    """The user had posted exactly `message_count` messages with an id of at most `counted_to`."""

    message_count: int
    counted_to: int


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What SQL says, the least recent conversation first; it replaces what the session believed."""

    drafts: Mapping[int, str]
    read_seqs: Mapping[int, int]
    heads: Cursors


Act = Connected | Left | Posted | Read | Drafted | Opened | Acked | Active | Counted | Refreshed

KINDS: dict[str, Callable[..., Act]] = {
    kind.__name__: kind for kind in (Connected, Left, Posted, Read, Drafted, Opened, Acked, Active, Counted, Refreshed)
}


def stamp(at: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds, so that the order of the texts is the order of the times."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def encode_acts(acts: Iterable[Act]) -> str:
    """One JSON string: the only form in which acts enter the graph."""
    return orjson.dumps([_plain(act) for act in acts], option=orjson.OPT_NON_STR_KEYS).decode()


def decode_acts(text: str) -> list[Act]:
    return [_revived(kind, values) for kind, *values in orjson.loads(text)] if text else []


def _plain(act: Act) -> list[object]:
    values = (getattr(act, field.name) for field in fields(act))
    return [type(act).__name__, *(stamp(value) if isinstance(value, datetime) else value for value in values)]


def _revived(kind: str, values: list[object]) -> Act:
    names = [field.name for field in fields(KINDS[kind])]  # type: ignore[arg-type]  # a dataclass, each of them
    return KINDS[kind](**{name: _REVIVERS.get(name, _same)(value) for name, value in zip(names, values, strict=True)})


def _same(value: object) -> object:
    return value


def _time(value: object) -> datetime:
    return datetime.fromisoformat(str(value))


def _by_conversation(value: object) -> dict[int, object]:
    assert isinstance(value, dict)
    return {int(key): tuple(item) if isinstance(item, list) else item for key, item in value.items()}


_REVIVERS = {
    "at": _time,
    "cursors": _by_conversation,
    "heads": _by_conversation,
    "drafts": _by_conversation,
    "read_seqs": _by_conversation,
}
