"""What a backup says of itself: a JSON object, the first member of the archive."""

from dataclasses import asdict, dataclass
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from chat.ops.problem import Problem

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive: its size in bytes and the SHA-256 of its content, in hexadecimal digits."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at` is ISO 8601 UTC; `engine` sqlite or postgresql; `migrations` the last one of each app.

    `rows` maps each table to the number of its rows, `columns` to their names where rows are kept as text.
    """

    format: int
    made_at: str
    engine: str
    migrations: list[str]
    rows: dict[str, int]
    columns: dict[str, list[str]]
    members: dict[str, Member]

    def encoded(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2)


_SHAPE: TypeAdapter[Manifest] = TypeAdapter(Manifest)


def decoded(text: bytes) -> Manifest:
    """Raises Problem where this is no manifest, or one of another format."""
    try:
        found: Any = orjson.loads(text)
        if isinstance(found, dict) and found.get("format") != FORMAT:
            raise Problem(
                f"The backup has format {found.get('format')}, this version reads {FORMAT}.",
                "restore it with the version of distchat that made it.",
            )
        return _SHAPE.validate_python(found)
    except (orjson.JSONDecodeError, ValidationError) as error:
        raise Problem("The backup has no readable manifest.", "take another backup.") from error
