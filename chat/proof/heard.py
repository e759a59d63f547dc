"""An answer of the assistant as a device puts it together from its pieces."""

from dataclasses import dataclass
from typing import Any

ENDS = frozenset({"done", "failed", "cancelled"})


@dataclass(slots=True)
class Heard:
    """One turn: `text` is that of the highest attempt; `pieces` counts the updates that brought some of it."""

    conversation: int
    attempt: int = 0
    state: str = "thinking"
    text: str = ""
    reason: str = ""
    seq: int | None = None
    pieces: int = 0

    @property
    def has_ended(self) -> bool:
        return self.state in ENDS

    def take(self, event: dict[str, Any]) -> None:
        """Take one `assistant` event; what a lower attempt says, or comes after the end, does not count."""
        if self.has_ended or event["attempt"] < self.attempt:
            return
        if event["attempt"] > self.attempt or event["state"] == "thinking":
            self.text = ""
        self.attempt, self.state = event["attempt"], event["state"]
        self.reason, self.seq = event.get("reason", ""), event.get("seq")
        if event["text"] and event["offset"] <= len(self.text):
            self.pieces += 1
            self.text = self.text[: event["offset"]] + event["text"]
