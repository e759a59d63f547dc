"""What a node says of itself once a second, and how others read it: they trust nothing in it."""

import resource
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chat.wire.limits import INTEGER_MAX

REPORT_BYTES = 8 * 1024
"""A report has about 900."""
NAME_CHARS = 64
PAGE_BYTES = resource.getpagesize()

Count = Annotated[int, Field(ge=0, le=INTEGER_MAX)]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Word = Annotated[str, Field(pattern=r"^[a-z_]{1,24}$")]
State = Literal["open", "drained", "leaving", "left"]
"""`drained` by staff, `leaving` because the process ends, `left` as its last word."""


class _Part(BaseModel):
    """Fields that a newer version has added are passed over; what is there must be what it says."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Gauges(_Part):
    """How it is now; `redis_seconds` is what the report before this one took, None while Redis is away."""

    connections: Count
    ready: Count
    users: Count
    conversations: Count
    changes_waiting: Count
    database_waiting: Count
    publish_waiting_bytes: Count
    publish_lag_seconds: Amount
    loop_lag_seconds: Amount
    session_lag_seconds: Amount
    turns_running: Count
    memory_bytes: Count | None
    redis_seconds: Amount | None


class Counters(_Part):
    """What was counted since the node began."""

    messages: Count
    changes: Count
    deliveries: Count
    published: Count
    received: Count
    publish_failures: Count
    publish_dropped: Count
    gap_reads: Count
    sweep_finds: Count
    slow_closes: Count
    limited: Count
    internal_errors: Count
    commits: Count
    commit_seconds: Amount
    posts: Count
    post_seconds: Amount
    cpu_seconds: Amount


class Report(_Part):
    """`life` names one run of a process, `at` counts seconds since it began."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_CHARS)]
    life: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    version: Annotated[str, Field(max_length=32)]
    at: Amount
    state: State
    degraded: Annotated[tuple[Word, ...], Field(max_length=8)] = ()
    gauges: Gauges
    counters: Counters

    def encoded(self) -> bytes:
        return self.model_dump_json().encode()


def read_report(raw: bytes, *, life: str) -> Report | None:
    """The report that is pinned for `life`; None for anything else that lies there."""
    if len(raw) > REPORT_BYTES:
        return None
    try:
        report = Report.model_validate_json(raw)
    except ValidationError:
        return None
    return report if report.life == life and report.name.isprintable() else None


def memory_bytes() -> int | None:
    """The memory of this process that is in use; None where the system does not say (proc(5), statm)."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * PAGE_BYTES
