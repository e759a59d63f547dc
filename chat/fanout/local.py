"""One conversation as a node sees it: its order, its latest changes, and the connections that follow it here."""

from collections import deque
from collections.abc import Sequence
from typing import Protocol

from chat.fanout.answers import Answers
from chat.fanout.outbox import Recipient
from chat.fanout.sequencer import Sequencer
from chat.wire.committed import Committed

RECENT_BYTES = 128 * 1024
RECENT_CHANGES = 256


class Follower(Recipient, Protocol):
    """A connection that follows conversations (id to epoch) and hears what concerns its user."""

    user_id: int
    conversations: dict[int, str]

    def tell(self, event: bytes) -> None:
        """Something has happened that concerns its user."""

    def detached(self, conversation_id: int) -> None:
        """The user is no longer a member: nothing more of this conversation will come."""

    def close(self, code: int) -> None:
        """End the connection with a close code of the protocol."""


class Recent:
    """The latest changes without a hole, so that a connection catches up with the hub without reading the log."""

    def __init__(self) -> None:
        self._changes: deque[Committed] = deque()
        self._bytes = 0

    def extend(self, changes: Sequence[Committed]) -> None:
        for change in changes:
            self._changes.append(change)
            self._bytes += len(change.body)
        while self._bytes > RECENT_BYTES or len(self._changes) > RECENT_CHANGES:
            self._bytes -= len(self._changes.popleft().body)

    def clear(self) -> None:
        self._changes.clear()
        self._bytes = 0

    def after(self, position: int) -> list[Committed] | None:
        """Every change after `position`, or None when some are no longer here."""
        if not self._changes or self._changes[0].position > position + 1:
            return None
        return [change for change in self._changes if change.position > position]


class LocalConversation:
    """What maps to what: `following` are the connections that have everything up to `sequencer.delivered`;
    `ahead` are those that read the log further than that, each with its own position. The hub adds and removes both.
    """

    def __init__(self, conversation_id: int, epoch: str, position: int) -> None:
        self.id = conversation_id
        self.epoch = epoch
        self.sequencer = Sequencer(position)
        self.recent = Recent()
        self.answers = Answers()
        self.following: set[Follower] = set()
        self.ahead: dict[Follower, int] = {}
        self.is_reading = False

    def __len__(self) -> int:
        return len(self.following) + len(self.ahead)

    def connections(self) -> list[Follower]:
        return [*self.following, *self.ahead]

    def add(self, follower: Follower, position: int) -> list[Committed] | None:
        """Let `follower`, which has everything up to `position`, hear what comes next.

        Returns what it must be sent to be level with the others; None (and nothing is done) when that is no longer
        here and the log must be read again.
        """
        if position > self.sequencer.delivered:
            self.ahead[follower] = position
            return []
        missed = [] if position == self.sequencer.delivered else self.recent.after(position)
        if missed is None:
            return None
        self.following.add(follower)
        return missed

    def remove(self, follower: Follower) -> None:
        self.following.discard(follower)
        self.ahead.pop(follower, None)

    def has(self, follower: Follower) -> bool:
        return follower in self.following or follower in self.ahead
