"""What everyone sees of an answer while it is written: at most 25 updates a second, from its owner alone."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from chat.assistant.turns import LEASE_SECONDS, Claim, Standing
from chat.models import Turn
from chat.wire import codec, events
from chat.wire.limits import TEXT_CHARS

UPDATE_SECONDS = 0.04
Tell = Callable[[int, bytes], None]
"""Passes an event on to everyone in a conversation."""
STATES = {
    Turn.Status.QUEUED: "thinking",
    Turn.Status.RUNNING: "streaming",
    Turn.Status.DONE: "done",
    Turn.Status.FAILED: "failed",
    Turn.Status.CANCELLED: "cancelled",
}


class LeaseLost(Exception):
    """This node may no longer speak for the turn."""


@dataclass(slots=True)
class Speech:
    """One attempt's text as it grows. Says nothing beyond the lease, which `renewed` extends; times are monotonic."""

    claim: Claim
    tell: Tell
    attempt: int
    lease_ends: float
    text: str = ""
    began: float = field(default_factory=time.monotonic)
    first_word: float | None = None
    _told: int = 0
    _told_at: float = field(default=float("-inf"))

    def add(self, piece: str) -> None:
        """Append to the text, up to the length of an answer; the first piece is told at once."""
        if self.first_word is None:
            self.first_word = time.monotonic()
        self.text = (self.text + piece)[:TEXT_CHARS]
        if time.monotonic() - self._told_at >= UPDATE_SECONDS:
            self.flush()

    def flush(self) -> None:
        """Tell what has not been told yet."""
        if len(self.text) > self._told:
            self._say("streaming", offset=self._told)
            self._told, self._told_at = len(self.text), time.monotonic()

    def restate(self) -> None:
        """Tell all of it, for whoever came late or missed a piece."""
        self._told, self._told_at = len(self.text), time.monotonic()
        self._say("streaming" if self.text else "thinking", offset=0)

    def think(self, step: str | None = None) -> None:
        """Tell that nothing is said yet, and which tool is used."""
        self.text, self._told = "", 0
        self._say("thinking", offset=0, step=step)

    def renewed(self, began: float) -> None:
        """A renewal that was asked for at `began` has come through."""
        self.lease_ends = began + LEASE_SECONDS

    def check(self) -> None:
        """Raises LeaseLost when this node was away for longer than its lease."""
        if self.is_late:
            raise LeaseLost

    @property
    def is_late(self) -> bool:
        """Whether the lease is over."""
        return time.monotonic() >= self.lease_ends

    def _say(self, state: str, *, offset: int, step: str | None = None) -> None:
        self.check()
        event = events.assistant(
            self.claim.conversation,
            turn=self.claim.turn,
            attempt=self.attempt,
            state=state,
            offset=offset,
            text=self.text[offset:],
            trigger=self.claim.trigger,
            asker=self.claim.asker if offset == 0 else None,
            step=step,
        )
        self.tell(self.claim.conversation, codec.encode(event))


def event_of(standing: Standing) -> bytes:
    """How far a turn is, as SQL knows it."""
    state = STATES[Turn.Status(standing.status)]
    if state == "streaming" and not standing.text:
        state = "thinking"
    reason = "queued" if standing.status == Turn.Status.QUEUED else standing.reason
    return codec.encode(
        events.assistant(
            standing.conversation,
            turn=standing.turn,
            attempt=max(1, standing.attempt),
            state=state,
            text=standing.text,
            trigger=standing.trigger,
            asker=standing.asker,
            reason=reason or None,
            seq=standing.answer_seq,
        )
    )
