"""A change that the log has taken, as the rest of the node passes it on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Committed:
    """One committed change, encoded once; `body` is the `message` event as JSON bytes."""

    conversation: int
    epoch: str
    position: int
    body: bytes
    removed_user: int | None = None
    """The id of the user who stopped being a member by it: nothing later may reach them."""
    asks: bool = False
    """Whether something became of it for the assistant: a turn that begins, waits or is refused."""
