"""Reads of the log by index: what came after a position, and where each log stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from chat.log.encode import commit_of
from chat.models import Conversation, Message
from chat.wire.committed import Committed


@dataclass(frozen=True, slots=True)
class Head:
    """How far a log has come, in which of its lives."""

    epoch: str
    position: int


@dataclass(frozen=True, slots=True)
class Tail:
    """Changes after a position, each message once and in its latest state.

    Every position up to `covered` is either in `changes` or was replaced by a later one that is; `more` says that the
    limit cut the answer.
    """

    epoch: str
    changes: list[Committed]
    covered: int
    more: bool = False


def heads(conversation_ids: Iterable[int]) -> dict[int, Head]:
    """The head of each conversation that exists."""
    rows = Conversation.objects.filter(pk__in=list(conversation_ids)).values_list("pk", "epoch", "head")
    return {pk: Head(epoch, head) for pk, epoch, head in rows}


def read_after(conversation_id: int, after: int, limit: int) -> Tail | None:
    """At most `limit` changes after the position `after`, or None where there is no such conversation.

    The head is read before the rows: a change committed in between is then in the rows, or else counts as not covered.
    """
    head = heads([conversation_id]).get(conversation_id)
    if head is None:
        return None
    rows = Message.objects.filter(conversation_id=conversation_id, changed_seq__gt=after)
    found = list(rows.select_related("sender").order_by("changed_seq")[: limit + 1])
    changes = [_committed(row, head.epoch) for row in found[:limit]]
    last = changes[-1].position if changes else after
    more = len(found) > limit
    return Tail(head.epoch, changes, last if more else max(last, head.position), more)


def read_latest(conversation_id: int, limit: int) -> Tail | None:
    """The last `limit` messages by their place, in order: what a device is shown that has no usable cursor."""
    head = heads([conversation_id]).get(conversation_id)
    if head is None:
        return None
    rows = Message.objects.filter(conversation_id=conversation_id).select_related("sender")
    found = list(rows.order_by("-seq")[:limit])[::-1]
    changes = [_committed(row, head.epoch) for row in found]
    newest = max((change.position for change in changes), default=0)
    return Tail(head.epoch, changes, max(newest, head.position))


def _committed(row: Message, epoch: str) -> Committed:
    return commit_of(row, epoch, row.sender.name)
