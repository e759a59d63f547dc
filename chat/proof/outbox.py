"""What a device has said and not yet been answered; posts outlive their socket, in order."""

import asyncio
import itertools
from collections import deque
from dataclasses import dataclass
from typing import Any

Event = dict[str, Any]


class Refused(Exception):
    """The server answered with an error; `code`, `retryable` and `retry_after_ms` are its own."""

    def __init__(self, error: Event) -> None:
        super().__init__(f"{error.get('code')}: {error.get('detail', '')}")
        self.code: str = error.get("code", "")
        self.retryable: bool = bool(error.get("retryable"))
        self.retry_after_ms: int | None = error.get("retry_after_ms")


class Lost(ConnectionError):
    """The socket went away before the answer came (or was never there)."""


@dataclass(slots=True, eq=False)
class Pending:
    """One command that waits for its answer; `act` is its name in the history ("" for reads)."""

    command: Event
    answer: "asyncio.Future[Event]"
    act: str = ""
    times_sent: int = 0

    @property
    def is_post(self) -> bool:
        return bool(self.command["type"] == "post")


class Outbox:
    """Commands by `ref`, and the queue of posts that have to leave, oldest first."""

    def __init__(self) -> None:
        self._refs = itertools.count(1)
        self._waiting: dict[int, Pending] = {}
        self._unsent: deque[Pending] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, command: Event, *, act: str = "") -> Pending:
        """Give the command its `ref`; a post also joins the queue."""
        command["ref"] = self.next_ref()
        pending = Pending(command, asyncio.get_running_loop().create_future(), act)
        self._waiting[command["ref"]] = pending
        if pending.is_post:
            self._unsent.append(pending)
        return pending

    def next_ref(self) -> int:
        """A number that no other command of this device carries."""
        return next(self._refs)

    @property
    def has_posts(self) -> bool:
        """Whether posts wait for a ready socket."""
        return bool(self._unsent)

    def next_post(self) -> Pending | None:
        """The oldest post that has to leave, taken off the queue."""
        return self._unsent.popleft() if self._unsent else None

    def settle(self, answer: Event) -> Pending | None:
        """Hand an answer to whoever waits for its `ref`; None when nobody does."""
        pending = self._waiting.pop(answer.get("ref") or 0, None)
        if pending is not None and not pending.answer.done():
            pending.answer.set_result(answer)
        return pending

    def drop(self, pending: Pending) -> None:
        """Nobody waits any more."""
        self._waiting.pop(pending.command["ref"], None)
        if pending in self._unsent:
            self._unsent.remove(pending)

    def lose_socket(self) -> list[Pending]:
        """Posts go back to the queue in order, everything else fails; returns what had been sent and not answered."""
        lost = [pending for pending in self._waiting.values() if pending.times_sent]
        self._unsent = deque(pending for pending in self._waiting.values() if pending.is_post)
        self._fail([pending for pending in self._waiting.values() if not pending.is_post])
        return lost

    def give_up(self) -> None:
        """The device does not come back: whoever waits is told so."""
        self._unsent.clear()
        self._fail(list(self._waiting.values()))

    def _fail(self, failed: list[Pending]) -> None:
        for pending in failed:
            del self._waiting[pending.command["ref"]]
            if not pending.answer.done():
                pending.answer.set_exception(Lost(f"no answer to {pending.command['type']}: the socket is gone"))
