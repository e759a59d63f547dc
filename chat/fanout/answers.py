"""The answers that the assistant is giving in one conversation, as far as this node has heard them."""

from collections import deque
from collections.abc import Mapping
from enum import Enum
from typing import Any

import orjson

from chat.wire import codec

MARK = b'{"type":"assistant"'
"""How the events begin that are put together here."""
ENDS = frozenset({"done", "failed", "cancelled"})
ENDED_KEPT = 32


class Taken(Enum):
    """What an event is to those who follow here: news, or late, or a piece of which they lack what comes before it."""

    NEWS = "news"
    LATE = "late"
    LACKING = "lacking"


class Answers:
    """Each turn that is not over as one event with its whole text, and a failure until something newer is told.

    Everyone who follows the conversation here has heard just this much, so a piece fits for all of them or for nobody.
    """

    def __init__(self) -> None:
        self.is_known = False
        self._turns: dict[str, dict[str, Any]] = {}
        self._ended: deque[str] = deque(maxlen=ENDED_KEPT)

    def take(self, event: bytes) -> Taken:
        """Take an `assistant` event."""
        said = orjson.loads(event)
        turn, held = said["turn"], self._turns.get(said["turn"])
        if turn in self._ended:
            return Taken.LATE
        if said["state"] in ENDS:
            self._end(said)
            return Taken.NEWS
        if held is not None and said["attempt"] < held["attempt"]:
            return Taken.LATE
        text = held["text"] if held is not None and said["attempt"] == held["attempt"] else ""
        if said["offset"] > len(text):
            return Taken.LACKING
        self._make_good(said)
        self._turns[turn] = {**said, "offset": 0, "text": text[: said["offset"]] + said["text"]}
        return Taken.NEWS

    def whole(self) -> list[bytes]:
        """What a newcomer must hear to be level with the others, the oldest first."""
        return [codec.encode(each) for each in self._turns.values()]

    def heard(self, turn: str) -> tuple[int, str]:
        """The attempt at a turn that was heard last, and its text; (0, "") when nothing was."""
        held: Mapping[str, Any] = self._turns.get(turn, {"attempt": 0, "text": ""})
        return held["attempt"], held["text"]

    def _end(self, said: dict[str, Any]) -> None:
        self._ended.append(said["turn"])
        self._turns.pop(said["turn"], None)
        self._make_good(said)
        if said["state"] == "failed":
            self._turns[said["turn"]] = said

    def _make_good(self, said: dict[str, Any]) -> None:
        """A failure is no longer told once there is something newer to be told."""
        for turn, held in list(self._turns.items()):
            if held["state"] == "failed" and held.get("trigger", 0) <= said.get("trigger", 0) and turn != said["turn"]:
                del self._turns[turn]
