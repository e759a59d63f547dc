"""What the door of a node has counted since it began."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from chat.histogram import QUICK_SECONDS, Histogram
from chat.wire.commands import Command
from chat.wire.errors import ErrorCode


class Limit(StrEnum):
    """Which limit was met (see `chat.edge.throttle`)."""

    BYTES = "bytes"
    CONNECTION = "connection"
    USER = "user"


@dataclass(slots=True)
class DoorCounts:
    """`closes` by close code, the client's own among them; `resumes` are conversations by "replay" or "snapshot"."""

    commands: Counter[type[Command]] = field(default_factory=Counter)
    errors: Counter[ErrorCode] = field(default_factory=Counter)
    limited: Counter[Limit] = field(default_factory=Counter)
    closes: Counter[int] = field(default_factory=Counter)
    resumes: Counter[str] = field(default_factory=Counter)
    post_seconds: Histogram = field(default_factory=lambda: Histogram(QUICK_SECONDS))
    """From the frame with a post to its answer."""
