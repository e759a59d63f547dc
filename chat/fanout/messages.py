"""What nodes say to each other through the channel layer; built from constants, never from what a client sent."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from chat.wire.committed import Committed


class Kind(StrEnum):
    """Which handler of the hub a message is for."""

    CHANGES = "changes"
    PASSING = "passing"
    PRESENCE = "presence"
    USER = "user"
    WHOLE = "whole"


class UserEvent(StrEnum):
    """What happened to a user that all of its devices must know."""

    TOLD = "told"
    JOINED = "joined"
    LEFT = "left"
    ACCESS = "access"
    DISCONNECT = "disconnect"


def changes(origin: str, committed: Sequence[Committed]) -> dict[str, Any]:
    """Changes of one conversation with positions that follow each other."""
    return {
        "type": Kind.CHANGES.value,
        "origin": origin,
        "conversation": committed[0].conversation,
        "epoch": committed[0].epoch,
        "first": committed[0].position,
        "bodies": [each.body for each in committed],
        "removed": [[each.position, each.removed_user] for each in committed if each.removed_user is not None],
    }


def read_changes(message: dict[str, Any]) -> list[Committed]:
    removed = dict(message["removed"])
    return [
        Committed(message["conversation"], message["epoch"], position, body, removed.get(position))
        for position, body in enumerate(message["bodies"], message["first"])
    ]


def passing(origin: str, conversation: int, event: bytes) -> dict[str, Any]:
    """An event that nobody must have: typing, presence, a receipt."""
    return {"type": Kind.PASSING.value, "origin": origin, "conversation": conversation, "event": event}


def presence(origin: str, conversation: int, user_id: int) -> dict[str, Any]:
    """A hint that this member may have come or gone."""
    return {"type": Kind.PRESENCE.value, "origin": origin, "conversation": conversation, "user": user_id}


def whole(origin: str, conversation: int) -> dict[str, Any]:
    """A wish that whoever gives an answer in this conversation says all of it again."""
    return {"type": Kind.WHOLE.value, "origin": origin, "conversation": conversation}


def user(origin: str, user_id: int, what: UserEvent, *, conversation: int = 0, event: bytes = b"") -> dict[str, Any]:
    """Something that concerns every device of one user."""
    return {
        "type": Kind.USER.value,
        "origin": origin,
        "user": user_id,
        "what": what.value,
        "conversation": conversation,
        "event": event,
    }
