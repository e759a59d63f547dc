"""The lines of an export, one strict model for each: what is not exactly so is refused."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from chat.wire import limits
from chat.wire.fields import ANY_LINE, ANY_TEXT, VISIBLE_LINE, Emoji, Id, Position, Uuid

FORMAT = "distchat-export"
VERSION = 1
LINE_BYTES = 4 * 2**20
"""A message to which 10,000 members have reacted with 20 emojis has half of that."""

Time = Annotated[AwareDatetime, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(3000, 1, 1, tzinfo=UTC))]
Members = Annotated[list[Id], Field(min_length=1, max_length=10_000)]


class Record(BaseModel):
    """One line. A field that has its default may be left out."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Counted(Record):
    """How many lines there are of each kind."""

    users: Position
    conversations: Position
    memberships: Position
    messages: Position


class Header(Counted):
    """The first line. `site` is what the site calls itself, `distchat` the version that wrote the file."""

    type: Literal["header"]
    format: Literal["distchat-export"]
    version: Literal[1]
    at: Time
    site: Annotated[str, Field(max_length=255, pattern=ANY_LINE)]
    distchat: Annotated[str, Field(max_length=40, pattern=ANY_LINE)]


class Person(Record):
    """A user, without password, rights, devices and tokens; `id` is what other lines call this user."""

    type: Literal["user"]
    id: Id
    username: Annotated[str, Field(min_length=1, max_length=limits.USERNAME_CHARS, pattern=VISIBLE_LINE)]
    display_name: Annotated[str, Field(max_length=80, pattern=ANY_LINE)] = ""
    email: Annotated[str, Field(max_length=254, pattern=ANY_LINE)] = ""
    language: Literal["", "en", "zh-hans"] = ""
    theme: Literal["system", "light", "dark"] = "system"
    is_inactive: bool = False
    is_program: bool = False
    joined_at: Time


class Assistance(Record):
    """How the assistant behaves in a conversation, but for the model, which is a matter of the site."""

    instructions: Annotated[str, Field(max_length=limits.TEXT_CHARS, pattern=ANY_TEXT)] = ""
    speaks: Literal["", "mentioned", "always", "never"] = ""
    policy: Literal["queue", "interrupt", "steer", "reject"] = "queue"


class Talk(Record):
    """A conversation; the lines of its members and then of its messages follow."""

    type: Literal["conversation"]
    id: Id
    kind: Literal["direct", "group"]
    title: Annotated[str, Field(max_length=limits.TITLE_CHARS, pattern=ANY_LINE)] = ""
    head: Position
    created_at: Time
    assistant: Assistance | None = None


class Part(Record):
    """A user's part in the conversation before it; `left_at` is given when it is over."""

    type: Literal["membership"]
    conversation: Id
    user: Id
    role: Literal["owner", "member"] = "member"
    joined_at: Time
    left_at: Time | None = None
    read_seq: Position = 0
    draft: Annotated[str, Field(max_length=limits.DRAFT_CHARS, pattern=ANY_TEXT)] = ""
    muted: bool = False
    updated_at: Time


class Happened(Record):
    """What a system message says; `user` is missing when there is no such user any more."""

    action: Literal["created", "renamed", "joined", "left", "removed"]
    title: Annotated[str, Field(max_length=limits.TITLE_CHARS, pattern=ANY_LINE)] | None = None
    user: Id | None = None
    name: Annotated[str, Field(max_length=limits.USERNAME_CHARS, pattern=ANY_LINE)] | None = None


class Stopped(Record):
    """That the assistant was stopped while it said this."""

    stopped: Literal[True]


class Said(Record):
    """A message in its latest state. HTML is not carried: it is made anew from the text."""

    type: Literal["message"]
    conversation: Id
    seq: Id
    changed_seq: Id
    kind: Literal["text", "system"] = "text"
    sender: Id
    client_id: Uuid
    text: Annotated[str, Field(max_length=limits.TEXT_CHARS, pattern=ANY_TEXT)] = ""
    data: Happened | Stopped | None = None
    reply_to: Id | None = None
    reactions: Annotated[dict[Emoji, Members], Field(max_length=limits.REACTION_EMOJIS)] = {}
    at: Time
    edited_at: Time | None = None
    deleted: bool = False

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.changed_seq < self.seq:
            raise ValueError("it was changed before it was posted")
        if self.deleted and (self.text or self.reactions or self.data):
            raise ValueError("a deleted message says nothing")
        if (self.kind == "system") != isinstance(self.data, Happened):
            raise ValueError("what has happened belongs to system messages, and to all of them")
        return self


class End(Counted):
    """The last line: what a file that was cut off does not have. `sha256` is that of all bytes before this line."""

    type: Literal["end"]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


AnyRecord = Header | Person | Talk | Part | Said | End
LINE: TypeAdapter[AnyRecord] = TypeAdapter(Annotated[AnyRecord, Field(discriminator="type")])
