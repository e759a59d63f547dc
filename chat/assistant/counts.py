"""What the assistant of a node has counted since it began."""

import time
from collections import Counter
from dataclasses import dataclass, field

from chat.assistant.speaking import Speech
from chat.assistant.turns import Standing
from chat.histogram import SLOW_SECONDS, Histogram


@dataclass(slots=True)
class TurnCounts:
    """`ended` by (state, reason), of turns whose last attempt was of this node; times begin when it takes a turn."""

    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    tool_calls: Counter[str] = field(default_factory=Counter)
    retries: int = 0
    tokens: int = 0
    first_word_seconds: Histogram = field(default_factory=lambda: Histogram(SLOW_SECONDS))
    turn_seconds: Histogram = field(default_factory=lambda: Histogram(SLOW_SECONDS))

    def end(self, speech: Speech, standing: Standing) -> None:
        """A turn on which this node worked has ended; where another one went on with it, that one counts it."""
        if standing.attempt != speech.attempt:
            return
        self.ended[standing.status, standing.reason] += 1
        self.turn_seconds.observe(time.monotonic() - speech.began)
        if speech.first_word is not None:
            self.first_word_seconds.observe(speech.first_word - speech.began)
