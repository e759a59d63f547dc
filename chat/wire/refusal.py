"""Why a command was refused, in one short sentence that names the field and repeats nothing that the client sent."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from chat.wire import limits
from chat.wire.errors import ChatError, ErrorCode

_INTEGER = "must be an integer"
_TEXT_CHARACTERS = "must have something visible in it and no character that is not allowed"

# What pydantic found (its error types, docs.pydantic.dev "Validation Errors") → what the client did wrong.
_SENTENCES: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this command",
    "int_type": _INTEGER,
    "int_from_float": _INTEGER,
    "int_parsing_size": "is too large a number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "bool_type": "must be true or false",
    "string_type": "must be a string",
    "string_unicode": "must be well-formed Unicode",
    "string_too_short": "must not be empty",
    "string_too_long": "may have at most {max_length} characters",
    "string_pattern_mismatch": _TEXT_CHARACTERS,
    "list_type": "must be an array",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "literal_error": "must be {expected}",
    "too_short": "must have at least {min_length} entry",
    "too_long": "may have at most {max_length} entries",
    "too_many": "may have at most {max_length} entries",
    "uuid": "must be a UUID in its canonical spelling",
    "conversation_key": "must have conversation ids as keys",
}

# What concerns the whole command rather than one field.
_WHOLE: Mapping[str, str] = {
    "emoji": f"emoji must be one emoji of at most {limits.EMOJI_BYTES} bytes.",
    "history_anchor": "before and around exclude each other.",
    "group_title": "title is missing; a group has one.",
    "direct_shape": "A direct conversation has one other member and no title.",
}

_PRINTABLE_FIELD = re.compile(r"[a-z_]{1,32}")


def refusal_of(error: ValidationError) -> ChatError:
    """The ChatError for the first thing that is wrong with a command."""
    found = error.errors(include_url=False, include_input=False)
    first = found[0]
    if any(one["type"] == "too_long" and one["loc"] == ("attachments",) for one in found):
        return ChatError(ErrorCode.UNSUPPORTED, "This server does not take attachments yet.")
    return ChatError(_code_of(first["type"]), _sentence(first["type"], first["loc"], first.get("ctx", {})))


def _code_of(kind: str) -> ErrorCode:
    if kind == "string_too_long":
        return ErrorCode.TOO_LONG
    return ErrorCode.LIMIT if kind in ("too_long", "too_many") else ErrorCode.BAD_COMMAND


def _sentence(kind: str, location: tuple[int | str, ...], context: Mapping[str, Any]) -> str:
    if not location:
        return _WHOLE.get(kind, "The command is not valid.")
    if location == ("emoji",) and kind in ("string_pattern_mismatch", "string_too_short"):
        return _WHOLE["emoji"]
    return f"{_field(location[0])} {_SENTENCES.get(kind, 'is not valid').format(**context)}."


def _field(name: int | str) -> str:
    """The field's name, unless the client made it up in a way that should not be repeated."""
    return name if isinstance(name, str) and _PRINTABLE_FIELD.fullmatch(name) else "An unknown key"
