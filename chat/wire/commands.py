"""What a device may say: one frozen model per command, strict, and nothing beyond its fields."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from chat.wire import limits
from chat.wire.fields import (
    ConversationKey,
    DeviceName,
    DraftText,
    Emoji,
    Epoch,
    Id,
    Platform,
    Position,
    Ref,
    Text,
    Title,
    Username,
    Uuid,
    bounded,
)

Usernames = Annotated[list[Username], Field(min_length=1, max_length=limits.MEMBERS_AT_ONCE)]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class _Command(_Said):
    ref: Ref | None = None


class _InConversation(_Command):
    conversation: Id


class Cursor(_Said):
    """How far a device has processed a conversation; `seq` is the `changed_seq` of the last change it holds."""

    epoch: Epoch
    seq: Position


class Hello(_Command):
    """The first command of a connection: which device this is, and what it already holds."""

    type: Literal["hello"] = "hello"
    device: Uuid
    device_name: DeviceName = ""
    platform: Platform = ""
    cursors: Annotated[dict[ConversationKey, Cursor], BeforeValidator(bounded)] = {}


class Post(_InConversation):
    """A new message; repeating it with the same `client_id` is harmless."""

    type: Literal["post"] = "post"
    client_id: Uuid
    text: Text
    reply_to: Id | None = None
    attachments: Annotated[list[Any], Field(max_length=limits.ATTACHMENTS)] = []


class Edit(_InConversation):
    """Another text for one's own message."""

    type: Literal["edit"] = "edit"
    seq: Id
    text: Text


class Delete(_InConversation):
    """A tombstone in place of a message."""

    type: Literal["delete"] = "delete"
    seq: Id


class React(_InConversation):
    """One's own emoji on a message, on or off."""

    type: Literal["react"] = "react"
    seq: Id
    emoji: Emoji
    on: bool

    @model_validator(mode="after")
    def _emoji_fits(self) -> Self:
        if len(self.emoji.encode()) > limits.EMOJI_BYTES:
            raise PydanticCustomError("emoji", "emoji")
        return self


class Read(_InConversation):
    """Everything up to `seq` has been seen by the user."""

    type: Literal["read"] = "read"
    seq: Position


class Draft(_InConversation):
    """What the user has written and not sent; empty clears it."""

    type: Literal["draft"] = "draft"
    text: DraftText


class Typing(_InConversation):
    """The user is writing right now, or has stopped."""

    type: Literal["typing"] = "typing"
    on: bool


class Open(_Command):
    """The conversation that is in front of the user on this device; null when none is."""

    type: Literal["open"] = "open"
    conversation: Id | None


class History(_InConversation):
    """Older messages: those before a `seq`, those around one, or the newest."""

    type: Literal["history"] = "history"
    before: Id | None = None
    around: Id | None = None
    limit: Annotated[int, Field(ge=1, le=limits.HISTORY_PAGE)] = limits.HISTORY_DEFAULT

    @model_validator(mode="after")
    def _one_anchor(self) -> Self:
        if self.before is not None and self.around is not None:
            raise PydanticCustomError("history_anchor", "history_anchor")
        return self


class Create(_Command):
    """A new conversation: a group with a title, or a direct one with a single other member."""

    type: Literal["create"] = "create"
    kind: Literal["direct", "group"]
    title: Title | None = None
    members: Usernames

    @model_validator(mode="after")
    def _kind_fits(self) -> Self:
        if self.kind == "group" and self.title is None:
            raise PydanticCustomError("group_title", "group_title")
        if self.kind == "direct" and (self.title is not None or len(self.members) != 1):
            raise PydanticCustomError("direct_shape", "direct_shape")
        return self


class Rename(_InConversation):
    """Another title for a group."""

    type: Literal["rename"] = "rename"
    title: Title


class Invite(_InConversation):
    """More members for a group, by username."""

    type: Literal["invite"] = "invite"
    members: Usernames


class Leave(_InConversation):
    """The user stops being a member."""

    type: Literal["leave"] = "leave"


class Remove(_InConversation):
    """Another user stops being a member."""

    type: Literal["remove"] = "remove"
    user: Id


class Members(_InConversation):
    """One page of the members, ordered by user id."""

    type: Literal["members"] = "members"
    after: Position = 0
    limit: Annotated[int, Field(ge=1, le=limits.MEMBERS_PAGE)] = limits.MEMBERS_PAGE


class Stop(_InConversation):
    """End an answer of the assistant that is being given."""

    type: Literal["stop"] = "stop"
    turn: Uuid


class Regenerate(_InConversation):
    """Have an answer of the assistant, or to a question, given again, in the place of the old one if there is one."""

    type: Literal["regenerate"] = "regenerate"
    seq: Id


class Ack(_Command):
    """How far this device has processed each conversation: a `changed_seq`, in the epoch it was told."""

    type: Literal["ack"] = "ack"
    cursors: Annotated[dict[ConversationKey, Position], BeforeValidator(bounded)]


class Ping(_Command):
    """Are you there, and how far has everything got?"""

    type: Literal["ping"] = "ping"


Command = (
    Hello
    | Post
    | Edit
    | Delete
    | React
    | Read
    | Draft
    | Typing
    | Open
    | History
    | Create
    | Rename
    | Invite
    | Leave
    | Remove
    | Members
    | Stop
    | Regenerate
    | Ack
    | Ping
)
