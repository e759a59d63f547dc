"""What the assistant of a node has counted since it began."""

from collections import Counter
from dataclasses import dataclass, field

from chat.histogram import SLOW_SECONDS, Histogram


@dataclass(slots=True)
class TurnCounts:
    """`ended` by (state, reason), of the turns that this node worked on last; times begin when it takes a turn."""

    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    tool_calls: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    tokens: int = 0
    first_word_seconds: Histogram = field(default_factory=lambda: Histogram(SLOW_SECONDS))
    turn_seconds: Histogram = field(default_factory=lambda: Histogram(SLOW_SECONDS))
