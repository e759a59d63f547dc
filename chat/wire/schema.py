"""Every answer and event as a strict model: tests, documentation and careful clients check with it what a node says.

A field that a node leaves out may be absent, and then only absent: null is not another spelling of it.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from chat.wire import limits
from chat.wire.errors import RETRYABLE, ErrorCode
from chat.wire.fields import Id, Position, Ref

LeftOut: Any = Field(default=None)
"""The default of a field that may be absent; it is never validated, so null is refused."""

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
Uuid = Annotated[str, Field(pattern=UUID_PATTERN)]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
ConversationKey = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,15}$")]
Written = Annotated[str, Field(min_length=1)]
Milliseconds = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Answer(_Part):
    ref: Ref = LeftOut


class _InConversation(_Part):
    conversation: Id


class User(_Part):
    id: Id
    username: Written
    name: Written


class Member(User):
    read_seq: Position
    online: bool
    role: Literal["owner"] = LeftOut
    program: Literal[True] = LeftOut
    built_in: Literal[True] = LeftOut


class DeviceIdentity(_Part):
    id: Uuid
    name: str


class Cursor(_Part):
    epoch: Written
    seq: Position


class Session(_Part):
    id: Uuid
    restored: bool
    source: Literal["checkpoint", "log", "new"]
    last_active: Time | None
    message_count: Position
    open_conversation: Id = LeftOut
    cursors: dict[ConversationKey, Cursor] = LeftOut


class Limits(_Part):
    frame_bytes: Id
    text_chars: Id
    posts_per_10s: Id


class ConversationEntry(_Part):
    id: Id
    kind: Literal["direct", "group"]
    title: str
    epoch: Written
    head: Position
    read_seq: Position
    unread: Position
    draft: str
    member_count: Position
    members: Annotated[list[Member], Field(max_length=limits.MEMBERS_SHOWN)]
    resume: Literal["replay", "snapshot"]
    muted: Literal[True] = LeftOut


class ChosenPreferences(_Part):
    language: Literal["en", "zh-hans"] = LeftOut
    theme: Literal["light", "dark"] = LeftOut


class Sender(_Part):
    id: Id
    name: Written


class SystemData(_Part):
    action: Literal["created", "renamed", "joined", "left", "removed"]
    title: str = LeftOut
    user: Id = LeftOut
    name: str = LeftOut


class Ok(_Answer):
    type: Literal["ok"]
    conversation: Id = LeftOut
    seq: Position = LeftOut
    changed_seq: Position = LeftOut
    duplicate: bool = LeftOut


class Error(_Answer):
    type: Literal["error"]
    code: Annotated[ErrorCode, Field(strict=False)]
    retryable: bool
    retry_after_ms: Milliseconds = LeftOut
    detail: Written

    @model_validator(mode="after")
    def _retryable_follows_code(self) -> Self:
        if self.retryable != (self.code in RETRYABLE):
            raise ValueError("retryable contradicts code")
        return self


class Pong(_Answer):
    type: Literal["pong"]
    heads: dict[ConversationKey, Position]


class StoppedData(_Part):
    stopped: Literal[True]


class Message(_InConversation):
    type: Literal["message"]
    seq: Id
    changed_seq: Id
    id: Id
    kind: Literal["text", "system"]
    sender: Sender
    client_id: Uuid
    at: Time
    text: Written = LeftOut
    html: Written = LeftOut
    edited_at: Time = LeftOut
    deleted: Literal[True] = LeftOut
    reply_to: Id = LeftOut
    reactions: Annotated[dict[str, Annotated[list[Id], Field(min_length=1)]], Field(min_length=1)] = LeftOut
    attachments: Annotated[list[dict[str, Any]], Field(min_length=1)] = LeftOut
    data: SystemData | StoppedData = LeftOut

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.changed_seq < self.seq:
            raise ValueError("changed before it was posted")
        if self.deleted and self.model_fields_set & {"text", "html", "reactions", "attachments", "data"}:
            raise ValueError("a deleted message says something")
        if (self.kind == "system") != isinstance(self.data, SystemData):
            raise ValueError("what has happened belongs to system messages, and to all of them")
        return self


class Page(_Answer):
    type: Literal["page"]
    messages: Annotated[list[Message], Field(max_length=limits.HISTORY_PAGE)]
    has_more: bool
    has_newer: bool = LeftOut


class MembersPage(_Answer, _InConversation):
    type: Literal["members"]
    members: Annotated[list[Member], Field(max_length=limits.MEMBERS_PAGE)]
    has_more: bool


class Welcome(_Answer):
    type: Literal["welcome"]
    node: Written
    user: User
    device: DeviceIdentity
    session: Session
    heartbeat_seconds: Id
    limits: Limits
    conversations: list[ConversationEntry]
    preferences: ChosenPreferences = LeftOut


class CaughtUp(_InConversation):
    type: Literal["caught_up"]
    epoch: Written
    seq: Position


class Read(_InConversation):
    type: Literal["read"]
    user: Id
    seq: Position


class Draft(_InConversation):
    type: Literal["draft"]
    text: str
    device: Uuid = LeftOut


class Typing(_InConversation):
    type: Literal["typing"]
    user: Id
    on: bool


class Presence(_Part):
    type: Literal["presence"]
    user: Id
    online: bool


class Delivered(_InConversation):
    type: Literal["delivered"]
    user: Id
    seq: Position


class Conversation(_InConversation):
    type: Literal["conversation"]
    state: Literal["joined", "left", "changed"]
    entry: ConversationEntry = LeftOut
    read_seq: Position = LeftOut
    unread: Position = LeftOut
    muted: bool = LeftOut

    @model_validator(mode="after")
    def _says_what_its_state_needs(self) -> Self:
        needed = {"joined": {"entry"}, "changed": {"read_seq", "unread", "muted"}, "left": set()}[self.state]
        if self.model_fields_set - {"type", "conversation", "state"} != needed:
            raise ValueError("an entry belongs to joined; read_seq, unread and muted belong to changed")
        return self


class Preferences(ChosenPreferences):
    type: Literal["preferences"]


class Device(_Part):
    type: Literal["device"]
    device: Uuid
    name: str
    state: Literal["online", "offline", "revoked"]


class Announcement(_Part):
    type: Literal["announcement"]
    id: Uuid
    text: Annotated[str, Field(min_length=1, max_length=limits.ANNOUNCEMENT_CHARS)] = LeftOut
    until: Time = LeftOut


class Assistant(_InConversation):
    type: Literal["assistant"]
    turn: Written
    attempt: Id
    state: Literal["thinking", "streaming", "done", "failed", "cancelled"]
    offset: Position
    text: str
    trigger: Id = LeftOut
    asker: Id = LeftOut
    step: Written = LeftOut
    reason: Literal["queued", "stopped", "interrupted", "steered", "busy", "limit", "model", "attempts", "removed"] = (
        LeftOut
    )
    seq: Id = LeftOut


class Bye(_Part):
    type: Literal["bye"]
    reason: Literal["restart", "too_slow", "flooding", "broken_protocol", "not_logged_in", "revoked"]
    reconnect_after_ms: Milliseconds = LeftOut


ServerEvent = (
    Ok
    | Error
    | Pong
    | Page
    | MembersPage
    | Welcome
    | CaughtUp
    | Message
    | Read
    | Draft
    | Typing
    | Presence
    | Delivered
    | Conversation
    | Preferences
    | Device
    | Assistant
    | Announcement
    | Bye
)

EVENTS: TypeAdapter[ServerEvent] = TypeAdapter(Annotated[ServerEvent, Field(discriminator="type")])


def validate_event(event: dict[str, Any]) -> ServerEvent:
    """The event as its model. Raises ValueError (pydantic.ValidationError) for anything the protocol does not allow."""
    return EVENTS.validate_python(event)
