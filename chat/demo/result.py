"""The results of a run for machines: one JSON object."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from chat.demo.options import Options
from chat.demo.trouble import Trouble
from chat.demo.verdict import Verdict

VERSION = 1


@dataclass(slots=True)
class Result:
    """What a run found; `error` is what stopped it, in English, as (what, next step)."""

    options: Options
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0
    nodes: dict[str, str] = field(default_factory=dict)
    database: str = ""
    logs: str = ""
    verdicts: list[Verdict] = field(default_factory=list)
    error: tuple[str, str] | None = None

    @property
    def passed(self) -> bool:
        return self.error is None and bool(self.verdicts) and all(verdict.passed for verdict in self.verdicts)

    def as_json(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "passed": self.passed,
            "started_at": self.started_at.isoformat(),
            "seconds": round(self.seconds, 2),
            "seed": self.options.seed,
            "language": self.options.language,
            "simple": self.options.is_simple,
            "clients": self.options.clients,
            "nodes": self.nodes,
            "database": self.database,
            "logs": self.logs,
            "scenarios": [_scenario(verdict) for verdict in self.verdicts],
            "error": {"what": self.error[0], "next_step": self.error[1]} if self.error else None,
        }


def write(result: Result, path: Path) -> None:
    """Raises Trouble when the file cannot be written."""
    try:
        path.write_bytes(orjson.dumps(result.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    except OSError as error:
        raise Trouble("json_unwritable", path=path, error=error.strerror or error) from error


def failed(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return [verdict for verdict in verdicts if not verdict.passed]


def _scenario(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.scenario,
        "passed": verdict.passed,
        "seconds": round(verdict.seconds, 2),
        "numbers": verdict.numbers,
        "failures": [finding.text("en") for finding in verdict.findings],
    }
