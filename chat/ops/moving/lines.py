"""Reads the file of an export line by line, and refuses the first one that is not as it should be."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import orjson
from pydantic import ValidationError

from chat.ops.moving.records import FORMAT, LINE, LINE_BYTES, VERSION, AnyRecord, End, Header
from chat.ops.problem import Problem

Numbered = tuple[int, AnyRecord]


def read_lines(file: Path) -> Iterator[Numbered]:
    """Every line with its number, in a memory that does not grow; the last one is an `End` that tells the truth.

    Raises Problem for a file that is not an export, is of another format, was cut off or changed.
    """
    if not file.is_file():
        raise Problem(f"There is no file {file}.", "name a file that `manage.py export_data` has written.")
    digest, ended = hashlib.sha256(), False
    with file.open("rb") as source:
        for number, line in enumerate(iter(lambda: source.readline(LINE_BYTES + 1), b""), 1):
            if ended:
                refuse(file, number, "nothing may follow the last line")
            record = _record(file, number, line)
            if isinstance(record, End):
                ended = True
                _require_whole(file, number, record, digest.hexdigest())
            digest.update(line)
            yield number, record
    if not ended:
        raise Problem(f"{file} is cut off: its last line is missing.", "take another copy of it.")


def refuse(file: Path, number: int, why: str, next_step: str = "export again, or mend the line.") -> NoReturn:
    """Raises Problem."""
    raise Problem(f"{file}, line {number}: {why}; nothing was written.", next_step)


def _record(file: Path, number: int, line: bytes) -> AnyRecord:
    if len(line) > LINE_BYTES:
        refuse(file, number, f"it is longer than {LINE_BYTES // 2**20} MiB")
    if number == 1:
        _require_format(file, line)
    if not line.endswith(b"\n"):
        raise Problem(f"{file} is cut off in line {number}.", "take another copy of it.")
    try:
        record = LINE.validate_json(line)
    except ValidationError as error:
        refuse(file, number, _in_words(error))
    if isinstance(record, Header) != (number == 1):
        refuse(file, number, "the header is the first line, and only that")
    return record


def _require_format(file: Path, line: bytes) -> None:
    try:
        found: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict) or found.get("type") != "header" or found.get("format") != FORMAT:
        raise Problem(f"{file} is not an export of distchat.", "name a file that `manage.py export_data` has written.")
    if found.get("version") != VERSION:
        raise Problem(
            f"{file} has version {str(found.get('version'))[:20]} of the format, this site reads {VERSION}.",
            "import it with the version of distchat that wrote it.",
        )


def _require_whole(file: Path, number: int, end: End, digest: str) -> None:
    if end.sha256 != digest:
        refuse(file, number, "the SHA-256 of the lines before is another one: the file was changed")


def _in_words(error: ValidationError) -> str:
    """The first thing that is wrong, without the value: somebody may have written it."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(each) for each in first["loc"])[:80]
    what = first["msg"].removeprefix("Value error, ")[:200]
    return f"{place}: {what}" if place else what
