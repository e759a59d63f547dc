"""What may be asked of the log: one small class per kind of change."""

from dataclasses import dataclass, field
from uuid import UUID

from accounts.access import Access
from accounts.audit import Actor


@dataclass(frozen=True, slots=True)
class Change:
    """A wish of `user` to change `conversation`; it takes a position when it is committed.

    `access` is the login by which it came; None where it is the server's own program that speaks.
    """

    conversation: int
    user: int
    access: Access | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Post(Change):
    """Say something; the same `client_id` of the same user is the same message, however often it is sent."""

    client_id: UUID
    text: str
    html: str = ""
    reply_to: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Post):
    """What the assistant says in a turn, as long as `attempt` is the one that may speak; `client_id` is the turn's.

    `seen` is the seq of the last message that it takes into account. The answer to a message that was asked again
    takes the place of the earlier one, at the seq `replaces`.
    """

    turn: UUID
    attempt: int
    seen: int
    replaces: int | None = None
    tokens: int = 0


@dataclass(frozen=True, slots=True)
class Stop(Change):
    """End a turn of the assistant; what it has said so far stays: `heard`, of the try `attempt`, or what SQL knows."""

    turn: UUID
    attempt: int = 0
    heard: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Halt(Stop):
    """End a turn as staff, in a conversation of others; it is audited."""

    by: Actor


@dataclass(frozen=True, slots=True)
class Edit(Change):
    """Give one's own message another text."""

    seq: int
    text: str
    html: str = ""


@dataclass(frozen=True, slots=True)
class Delete(Change):
    """Leave a tombstone in place of a message: one's own, or any in a group that one owns."""

    seq: int


@dataclass(frozen=True, slots=True)
class Moderate(Change):
    """Leave a tombstone in place of a message as staff, in a conversation of others; it is audited."""

    seq: int
    by: Actor


@dataclass(frozen=True, slots=True)
class React(Change):
    """Add (`on`) or take back one's emoji on a message."""

    seq: int
    emoji: str
    on: bool


@dataclass(frozen=True, slots=True)
class Rename(Change):
    """Give a group another title."""

    title: str


@dataclass(frozen=True, slots=True)
class Invite(Change):
    """Bring another user into a group."""

    invited: int


@dataclass(frozen=True, slots=True)
class Leave(Change):
    """Go out of a group."""


@dataclass(frozen=True, slots=True)
class Remove(Change):
    """Put another user out of a group that one owns."""

    removed: int
