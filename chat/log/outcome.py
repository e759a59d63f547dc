"""What became of one change, before and after the transaction commits."""

from dataclasses import dataclass, replace
from datetime import datetime

from chat.log.encode import commit_of
from chat.log.sql import LockedConversation
from chat.models import Message
from chat.wire.committed import Committed


@dataclass(frozen=True, slots=True)
class Appended:
    """A change that is in the log. `committed` is None when it was there before (a repeat, or nothing to change)."""

    conversation: int
    seq: int
    changed_seq: int
    message_id: int
    at: datetime
    committed: Committed | None = None

    @property
    def duplicate(self) -> bool:
        return self.committed is None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A change that was applied in the transaction; new messages can be encoded only when they have their id."""

    message: Message
    epoch: str = ""
    sender_name: str = ""
    committed: Committed | None = None
    is_new: bool = False
    asks: bool = False

    def appended(self) -> Appended:
        committed = self.committed
        if self.is_new:
            committed = commit_of(self.message, self.epoch, self.sender_name)
            committed = replace(committed, asks=True) if self.asks else committed
        position = committed.position if committed else self.message.changed_seq
        message = self.message
        return Appended(message.conversation_id, message.seq, position, message.pk, message.at, committed)


def unchanged(message: Message) -> Outcome:
    """Nothing to do: the log already says so."""
    return Outcome(message)


def added(message: Message, conversation: LockedConversation, sender_name: str, *, asks: bool = False) -> Outcome:
    """A new message, to be encoded once it is stored."""
    return Outcome(message, conversation.epoch, sender_name, is_new=True, asks=asks)


def changed(message: Message, conversation: LockedConversation) -> Outcome:
    """An older message in another state, encoded now, for a later change of the batch may alter it again."""
    return Outcome(message, committed=commit_of(message, conversation.epoch, message.sender.name))
