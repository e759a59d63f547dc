"""The kinds of value that commands are made of, checked without leaving pydantic's compiled core."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from chat.wire import limits

# Something visible that is neither white space, control nor format character, and U+0000 nowhere
# (PostgreSQL cannot store it).
VISIBLE_TEXT = r"^[^\x00]*[^\s\p{Cc}\p{Cf}][^\x00]*$"
ANY_TEXT = r"^[^\x00]*$"
VISIBLE_LINE = r"^\P{Cc}*[^\s\p{Cc}\p{Cf}]\P{Cc}*$"
ANY_LINE = r"^\P{Cc}*$"

# One emoji as Unicode Technical Standard #51 spells it (ED-17, emoji sequences): a flag, a keycap, or pictographs with
# their variation, skin tone or tags, joined by U+200D.
_PICTOGRAPH = r"\p{Extended_Pictographic}(?:\x{FE0F}|\p{Emoji_Modifier})?[\x{E0020}-\x{E007F}]*"
EMOJI = rf"^(?:\p{{RI}}{{2}}|[0-9#*]\x{{FE0F}}?\x{{20E3}}|{_PICTOGRAPH}(?:\x{{200D}}{_PICTOGRAPH})*)$"


@dataclass(frozen=True, slots=True)
class _Schema:
    """Annotates a type with a ready core schema."""

    build: Callable[[], CoreSchema]

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return self.build()


def _canonical_uuid() -> CoreSchema:
    """36 characters leave only the hyphenated spelling; Python code may hand over a UUID itself."""
    spelled = core_schema.str_schema(strict=True, min_length=36, max_length=36)
    return core_schema.union_schema(
        [
            core_schema.chain_schema([spelled, core_schema.uuid_schema(strict=False)]),
            core_schema.uuid_schema(strict=True),
        ],
        mode="left_to_right",
        custom_error_type="uuid",
        custom_error_message="uuid",
    )


def _conversation_key() -> CoreSchema:
    """A conversation id as the key of a JSON object: "7"; Python code may hand over 7 itself."""
    spelled = core_schema.str_schema(strict=True, pattern=r"^[1-9][0-9]{0,15}$")
    number = core_schema.int_schema(strict=False, ge=1, le=limits.INTEGER_MAX)
    return core_schema.union_schema(
        [
            core_schema.chain_schema([spelled, number]),
            core_schema.int_schema(strict=True, ge=1, le=limits.INTEGER_MAX),
        ],
        mode="left_to_right",
        custom_error_type="conversation_key",
        custom_error_message="conversation_key",
    )


def bounded(cursors: object) -> object:
    """Refuse too many cursors before each of them is looked at."""
    if isinstance(cursors, dict) and len(cursors) > limits.CURSORS:
        raise PydanticCustomError("too_many", "too_many", {"max_length": limits.CURSORS})
    return cursors


Id = Annotated[int, Field(ge=1, le=limits.INTEGER_MAX)]
Position = Annotated[int, Field(ge=0, le=limits.INTEGER_MAX)]
Ref = Annotated[int, Field(ge=0, le=limits.INTEGER_MAX)]
Uuid = Annotated[UUID, _Schema(_canonical_uuid)]
ConversationKey = Annotated[int, _Schema(_conversation_key)]

Text = Annotated[str, Field(min_length=1, max_length=limits.TEXT_CHARS, pattern=VISIBLE_TEXT)]
DraftText = Annotated[str, Field(max_length=limits.DRAFT_CHARS, pattern=ANY_TEXT)]
Title = Annotated[str, Field(min_length=1, max_length=limits.TITLE_CHARS, pattern=VISIBLE_LINE)]
DeviceName = Annotated[str, Field(max_length=limits.DEVICE_NAME_CHARS, pattern=ANY_LINE)]
Platform = Annotated[str, Field(max_length=limits.PLATFORM_CHARS, pattern=ANY_LINE)]
Username = Annotated[str, Field(min_length=1, max_length=limits.USERNAME_CHARS, pattern=VISIBLE_LINE)]
Epoch = Annotated[str, Field(min_length=1, max_length=limits.EPOCH_CHARS, pattern=r"^[\x21-\x7E]+$")]
Emoji = Annotated[str, Field(min_length=1, max_length=limits.EMOJI_BYTES, pattern=EMOJI)]
