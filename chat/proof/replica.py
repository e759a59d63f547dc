"""One conversation as one device holds it, and a strict eye on the order in which it arrives."""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson

Event = dict[str, Any]
Report = Callable[[str, str], None]
"""Takes the letter of the broken rule and what was seen."""


class Tally:
    """Follows the positions of one conversation and keeps nothing else.

    `resume` is replay or snapshot while it catches up, else None; `cursor` the highest changed_seq processed; `gaps`
    the skipped ranges (first, last) that no `caught_up` has explained yet.
    """

    def __init__(self, conversation: int, report: Report) -> None:
        self.conversation = conversation
        self.report = report
        self.epoch = ""
        self.cursor = 0
        self.resume: str | None = None
        self.gaps: list[tuple[int, int]] = []
        self.received = 0

    def begin(self, entry: Mapping[str, Any]) -> None:
        """Start to catch up in the way that the server announced."""
        self.resume = entry["resume"]
        self.gaps.clear()
        if self.resume == "snapshot":
            self.cursor = 0
            self.epoch = ""
            self._forget()
        elif entry["epoch"] != self.epoch:
            self.report(
                "D", f"replay of {self.conversation} in epoch {entry['epoch']}, the cursor was of {self.epoch!r}"
            )

    def receive(self, message: Event) -> str:
        """Take one `message` event and say how it came: live, replay or snapshot."""
        self.received += 1
        position = message["changed_seq"]
        if self.resume == "snapshot":
            self.cursor = max(self.cursor, position)
        elif position == self.cursor + 1:
            self.cursor = position
        else:
            self._jump(position)
        self._keep(message)
        return self.resume or "live"

    def caught_up(self, epoch: str, position: int) -> None:
        """Everything up to `position` is here."""
        if self.resume is None and epoch != self.epoch:
            self.report("D", f"epoch of {self.conversation} changed from {self.epoch!r} to {epoch} without a resume")
        self.epoch = epoch
        self.resume = None
        self.cursor = max(self.cursor, position)
        self.gaps = [gap for gap in self.gaps if gap[1] > position]

    def _jump(self, position: int) -> None:
        if position <= self.cursor:
            self.report("B", f"position {position} of {self.conversation} came again at cursor {self.cursor}")
            return
        if self.resume is None:
            self.gaps.append((self.cursor + 1, position - 1))
        self.cursor = position

    def _forget(self) -> None:
        """Drop what is held: the server is about to tell it anew."""

    def _keep(self, message: Event) -> None:
        """Hold the message."""


class Replica(Tally):
    """Holds every message in its latest state: `messages` maps seq to the event, in order of first appearance."""

    def __init__(self, conversation: int, report: Report) -> None:
        super().__init__(conversation, report)
        self.messages: dict[int, Event] = {}

    def add_page(self, messages: list[Event]) -> None:
        """Take messages that were asked for: they move no cursor."""
        for message in messages:
            self._keep(message)

    def transcript(self) -> list[tuple[int, str]]:
        """(seq, text) in the order in which a person reads them; a deleted message has no text."""
        return [(seq, self.messages[seq].get("text", "")) for seq in sorted(self.messages)]

    def _forget(self) -> None:
        self.messages.clear()

    def _keep(self, message: Event) -> None:
        held = self.messages.get(message["seq"])
        if held is None or held["changed_seq"] < message["changed_seq"]:
            self.messages[message["seq"]] = message


def hash_of(transcript: list[tuple[int, str]]) -> str:
    """Equal for equal transcripts: SHA-256, 64 hexadecimal digits."""
    return hashlib.sha256(orjson.dumps(transcript)).hexdigest()
