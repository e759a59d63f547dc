"""Reports as nodes make them, for tests that need no node."""

from typing import Any

from chat.ops.cluster.board import Pinned
from chat.ops.cluster.report import Counters, Gauges, Report

LIFE = "a" * 32
OTHER_LIFE = "b" * 32


def report(name: str = "server_1", life: str = LIFE, *, at: float = 10.0, **changed: Any) -> Report:
    """`changed` are fields of the report, its gauges or its counters; the others are zero."""
    gauges = {field: changed.pop(field, 0) for field in Gauges.model_fields}
    counters = {field: changed.pop(field, 0) for field in Counters.model_fields}
    usual: dict[str, Any] = {"version": "1.0", "state": "open", "degraded": ()}
    return Report(
        name=name, life=life, at=at, gauges=Gauges(**gauges), counters=Counters(**counters), **{**usual, **changed}
    )


def pinned(made: Report, age_seconds: float = 0.5) -> Pinned:
    return Pinned(made.life, age_seconds, made.encoded())
