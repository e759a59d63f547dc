"""From a text frame to commands, and from events to frames; it is total: no input raises anything but ChatError."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast, get_args

import orjson
from pydantic import ValidationError

from chat.wire import limits
from chat.wire.commands import Command
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.refusal import refusal_of

_PARSERS: dict[str, Callable[[object], Command]] = {
    command.model_fields["type"].default: command.__pydantic_validator__.validate_python
    for command in get_args(Command)
}

COMMAND_TYPES = frozenset(_PARSERS)

# A character takes at most four bytes in UTF-8: a shorter text needs no counting.
_SURELY_FITS_CHARS = limits.FRAME_BYTES // 4


@dataclass(frozen=True, slots=True)
class Refused:
    """One command that was not understood, with its `ref` where that could be read."""

    ref: int | None
    error: ChatError


def parse_frame(text: str) -> list[Command | Refused]:
    """The commands of one text frame, in order; a bad one becomes a `Refused` and harms no other.

    Raises ChatError(BAD_FRAME) when the frame is over 64 KiB of UTF-8, is not JSON (RFC 8259), is neither an object
    nor an array, or holds more than 256 commands. Of two equal keys in one object the last counts.
    """
    if len(text) > _SURELY_FITS_CHARS and _utf8_bytes(text) > limits.FRAME_BYTES:
        raise ChatError(ErrorCode.BAD_FRAME, f"A frame may have at most {limits.FRAME_BYTES} bytes.")
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ChatError(ErrorCode.BAD_FRAME, "The frame is not valid JSON.") from None
    if type(said) is dict:
        return [_parse_command(said)]
    if type(said) is not list:
        raise ChatError(ErrorCode.BAD_FRAME)
    if len(said) > limits.FRAME_COMMANDS:
        raise ChatError(ErrorCode.BAD_FRAME, f"A frame may hold at most {limits.FRAME_COMMANDS} commands.")
    return [_parse_command(item) for item in said]


def encode(event: Mapping[str, object]) -> bytes:
    """One event as JSON bytes (UTF-8, no white space)."""
    return orjson.dumps(event)


def frame(events: Sequence[bytes]) -> bytes:
    """Encoded events as one frame; never call it with none, since an empty frame says nothing."""
    return b"[" + b",".join(events) + b"]"


def decode_events(frame: bytes | str) -> list[dict[str, Any]]:
    """The events of a server's frame, for clients. Raises ValueError when it is not an array of objects."""
    events = orjson.loads(frame)
    if type(events) is not list or not all(type(event) is dict for event in events):
        raise ValueError("a frame from the server is an array of objects")
    return cast(list[dict[str, Any]], events)


def _parse_command(said: object) -> Command | Refused:
    # The bound comes first: pydantic explains every unknown field, and a frame has room for thousands.
    if type(said) is dict and len(said) <= limits.COMMAND_FIELDS:
        kind = said.get("type")
        parse = _PARSERS.get(kind) if type(kind) is str else None
        if parse is not None:
            return _validated(parse, said)
    return Refused(_ref_of(said), _no_command(said))


def _validated(parse: Callable[[object], Command], said: dict[str, Any]) -> Command | Refused:
    try:
        return parse(said)
    except ValidationError as error:
        return Refused(_ref_of(said), refusal_of(error))


def _no_command(said: object) -> ChatError:
    if type(said) is not dict:
        return ChatError(ErrorCode.BAD_COMMAND, "A command is a JSON object.")
    if len(said) > limits.COMMAND_FIELDS:
        return ChatError(ErrorCode.BAD_COMMAND, f"A command has at most {limits.COMMAND_FIELDS} fields.")
    if type(said.get("type")) is not str:
        return ChatError(ErrorCode.BAD_COMMAND, "A command needs a type, which is a string.")
    return ChatError(ErrorCode.BAD_COMMAND, "There is no command of this type.")


def _ref_of(said: object) -> int | None:
    ref = said.get("ref") if type(said) is dict else None
    return ref if type(ref) is int and 0 <= ref <= limits.INTEGER_MAX else None


def _utf8_bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
