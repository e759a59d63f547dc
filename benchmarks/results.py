"""Everything that one run found, as JSON and as a page to read."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.budgets import OURS, Verdict, judge
from benchmarks.checkpoint import CheckpointCost
from benchmarks.history import HistoryCost
from benchmarks.idle import IdleMemory
from benchmarks.measuring import Figures, Pace
from benchmarks.turns import TurnCost, TurnsKept

Row = tuple[str, ...]
Table = tuple[str, Row, list[Row]]


@dataclass(slots=True)
class Results:
    """`figures` are those of every measurement; where one was repeated, `typical` picks the middle one."""

    machine: dict[str, Any]
    command: str
    pace: Pace
    database: str
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    figures: list[Figures] = field(default_factory=list)
    idle: list[IdleMemory] = field(default_factory=list)
    histories: list[HistoryCost] = field(default_factory=list)
    checkpoints: list[CheckpointCost] = field(default_factory=list)
    turns: tuple[TurnCost, TurnsKept] | None = None
    failures: list[str] = field(default_factory=list)

    def typical(self) -> list[Figures]:
        """One for each system and workload: of several the one with the median of deliveries, or of the p99."""
        grouped: dict[tuple[str, str], list[Figures]] = {}
        for each in self.figures:
            grouped.setdefault((each.workload, each.system), []).append(each)
        return [_middle(repeats) for repeats in grouped.values()]

    def verdicts(self) -> list[Verdict]:
        return judge(self.typical(), self.idle, self.histories, self.checkpoints, self.turns)

    def save(self, directory: Path) -> Path:
        """Write <date>-<time>.json and .md; returns the page."""
        directory.mkdir(parents=True, exist_ok=True)
        name = f"{self.started_at:%Y-%m-%d-%H%M%S}"
        (directory / f"{name}.json").write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n")
        page = directory / f"{name}.md"
        page.write_text(self.as_markdown())
        return page

    def as_json(self) -> dict[str, Any]:
        return {
            "started_at": self.started_at.isoformat(),
            "command": self.command,
            "database": self.database,
            "machine": self.machine,
            "seconds": self.pace.seconds,
            "warm_up_seconds": self.pace.warm_up_seconds,
            "figures": [each.as_json() for each in self.figures],
            "idle": [each.as_json() for each in self.idle],
            "history": [each.as_json() for each in self.histories],
            "checkpoint": [each.as_json() for each in self.checkpoints],
            "turns": [each.as_json() for each in self.turns or ()],
            "verdicts": [each.as_json() for each in self.verdicts()],
            "failures": self.failures,
        }

    def tables(self) -> list[Table]:
        """(title, head, rows) of each table that has rows."""
        made = [build(self) for build in TABLES]
        return [table for table in made if table[2]]

    def as_markdown(self) -> str:
        machine = self.machine
        packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
        lines = [
            f"# Benchmark of {self.started_at:%Y-%m-%d %H:%M} UTC",
            "",
            f"`{self.command}` · commit {machine['commit']} · database of distchat: {self.database}",
            "",
            f"{machine['cores']} cores, {machine['cpu']}, {machine['memory_gb']} GB, load before the run "
            f"{machine['load_before']}; {machine['system']}; Python {machine['python']}; {packages}.",
            f"Three nodes, one Redis and the drivers share the machine; {self.pace.seconds:g} s measured after "
            f"{self.pace.warm_up_seconds:g} s of warm-up, every system started afresh for every workload.",
        ]
        for title, head, rows in self.tables():
            lines += ["", f"## {title}", "", *_markdown_table(head, rows)]
        if self.failures:
            lines += ["", "## What could not be measured", "", *(f"* {failure}" for failure in self.failures)]
        return "\n".join(lines) + "\n"


def _middle(repeats: list[Figures]) -> Figures:
    ordered = sorted(repeats, key=lambda each: each.deliveries_per_second if each.window else each.remote_p99_ms or 0.0)
    return ordered[len(ordered) // 2]


def _markdown_table(head: Row, rows: list[Row]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


def _verdict_table(results: Results) -> Table:
    rows: list[Row] = [
        (each.budget, each.measured, "met" if each.is_met else "**not met**") for each in results.verdicts()
    ]
    return "Budgets", ("budget", "measured", ""), rows


def _throughput_table(results: Results) -> Table:
    figures = results.typical()
    peers = {(each.system, each.workload): each.deliveries_per_second for each in figures}
    head = (
        *("workload", "system", "messages/s", "deliveries/s", "distchat / it", "p50 ms", "p99 ms", "other node p50 ms"),
        *("other node p99 ms", "µs CPU a delivery", "cores: nodes", "Redis", "drivers", "MB a node", "complete"),
    )
    rows: list[Row] = []
    for each in figures:
        ours = peers.get((OURS, each.workload))
        ratio = f"{ours / each.deliveries_per_second:.1f} x" if ours and each.deliveries_per_second else ""
        rows.append(
            (
                each.workload,
                f"{each.system} (window {each.window})" if each.window else each.system,
                f"{each.messages_per_second:,.0f}",
                f"{each.deliveries_per_second:,.0f}",
                "" if each.system == OURS else ratio,
                *(_ms(value) for value in (each.p50_ms, each.p99_ms, each.remote_p50_ms, each.remote_p99_ms)),
                f"{each.cpu_us_per_delivery:.1f}",
                f"{each.node_cores:.2f}",
                f"{each.redis_cores:.2f}",
                " + ".join(f"{cores:.2f}" for cores in each.driver_cores),
                f"{each.node_mb:.0f}",
                _completeness(each),
            )
        )
    return "Side by side", head, rows


def _completeness(each: Figures) -> str:
    faults = {name: getattr(each, name) for name in ("missing", "doubled", "refused", "closed")}
    return ", ".join(f"{count} {name}" for name, count in faults.items() if count) or "yes"


def _idle_table(results: Results) -> Table:
    head = ("system", "connections", "empty node, MB", "KB a connection")
    rows: list[Row] = [
        (each.system, str(each.connections), f"{each.empty_node_kb / 1e3:.0f}", f"{each.kb_per_connection:.1f}")
        for each in results.idle
    ]
    return "Idle connections", head, rows


def _history_table(results: Results) -> Table:
    lengths = [f"{length:,} messages, ms" for length in (results.histories[0].lengths if results.histories else ())]
    rows: list[Row] = [
        (each.act, *(f"{value:.2f}" for value in each.medians_ms), f"{each.ratio:.2f}", str(each.times))
        for each in results.histories
    ]
    return "Length of the conversation (medians)", ("act", *lengths, "ratio", "times"), rows


def _checkpoint_table(results: Results) -> Table:
    head = ("design", "step at 20, ms", "step at 1,000, ms", "Redis MB", "keys")
    rows: list[Row] = [
        (each.design, f"{each.few_ms:.2f}", f"{each.many_ms:.2f}", f"{each.redis_mb:.1f}", str(each.redis_keys))
        for each in results.checkpoints
    ]
    return "One session, message by message", head, rows


def _turn_table(results: Results) -> Table:
    head = ("a conversation without an assistant, 60 devices at 50/s", "p50 ms", "p99 ms")
    if results.turns is None:
        return "Turns", head, []
    cost, _ = results.turns
    rows: list[Row] = [
        ("alone", _ms(cost.alone_p50_ms), _ms(cost.alone_p99_ms)),
        (f"beside {cost.at_once} turns at once", _ms(cost.beside_p50_ms), _ms(cost.beside_p99_ms)),
    ]
    return "Turns of the assistant elsewhere", head, rows


def _turns_kept_table(results: Results) -> Table:
    head = ("turns", "keys in Redis", "KB in Redis")
    if results.turns is None:
        return "Turns kept", head, []
    _, kept = results.turns
    rows: list[Row] = [
        (f"{kept.few:,}", str(kept.few_keys), f"{kept.few_bytes / 1e3:.0f}"),
        (f"{kept.many:,}", str(kept.many_keys), f"{kept.many_bytes / 1e3:.0f}"),
    ]
    return "What turns leave in Redis", head, rows


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


TABLES: tuple[Callable[[Results], Table], ...] = (
    _verdict_table,
    _throughput_table,
    _idle_table,
    _history_table,
    _checkpoint_table,
    _turn_table,
    _turns_kept_table,
)
