"""Everything that one run found, as JSON and as a page to read."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.budgets import Verdict, judge
from benchmarks.checkpoint import CheckpointCost
from benchmarks.history import HistoryCost
from benchmarks.idle import IdleMemory
from benchmarks.measuring import Figures, Pace
from benchmarks.plots import plots_of
from benchmarks.recovery import Recovery
from benchmarks.storm import StormCost
from benchmarks.tables import Row, tables_of
from benchmarks.turns import TurnCost, TurnsKept


@dataclass(slots=True)
class Results:
    """`figures` are those of every measurement; where one was repeated, `typical` picks the middle one."""

    machine: dict[str, Any]
    command: str
    pace: Pace
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    figures: list[Figures] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)
    storms: list[StormCost] = field(default_factory=list)
    idle: list[IdleMemory] = field(default_factory=list)
    histories: list[HistoryCost] = field(default_factory=list)
    checkpoints: list[CheckpointCost] = field(default_factory=list)
    turns: tuple[TurnCost, TurnsKept] | None = None
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    """System → what it alone uses, of every system that was measured."""
    failures: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def typical(self) -> list[Figures]:
        """One for each system and workload: of several the one with the median of deliveries, or of the p99."""
        grouped: dict[tuple[str, str], list[Figures]] = {}
        for each in self.figures:
            grouped.setdefault((each.workload, each.system), []).append(each)
        return [_middle(repeats) for repeats in grouped.values()]

    def verdicts(self) -> list[Verdict]:
        return judge(self.typical(), self.idle, self.histories, self.checkpoints, self.turns, self.recoveries)

    def save(self, directory: Path) -> Path:
        """Write <date>-<time>.json, .md and the plots; returns the page."""
        directory.mkdir(parents=True, exist_ok=True)
        name = f"{self.started_at:%Y-%m-%d-%H%M%S}"
        (directory / f"{name}.json").write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n")
        plots = {f"{name}-{what}.svg": drawing for what, drawing in plots_of(self).items()}
        for file, drawing in plots.items():
            (directory / file).write_text(drawing)
        page = directory / f"{name}.md"
        page.write_text(self.as_markdown(list(plots)))
        return page

    def as_json(self) -> dict[str, Any]:
        return {
            "started_at": self.started_at.isoformat(),
            "command": self.command,
            "machine": self.machine,
            "seconds": self.pace.seconds,
            "warm_up_seconds": self.pace.warm_up_seconds,
            "figures": [each.as_json() for each in self.figures],
            "recovery": [each.as_json() for each in self.recoveries],
            "storm": [each.as_json() for each in self.storms],
            "idle": [each.as_json() for each in self.idle],
            "history": [each.as_json() for each in self.histories],
            "checkpoint": [each.as_json() for each in self.checkpoints],
            "turns": [each.as_json() for each in self.turns or ()],
            "verdicts": [each.as_json() for each in self.verdicts()],
            "versions": self.versions,
            "failures": self.failures,
            "skipped": self.skipped,
        }

    def as_markdown(self, plots: Sequence[str] = ()) -> str:
        machine = self.machine
        packages = ", ".join(f"{name} {number}" for name, number in machine["packages"].items())
        lines = [
            f"# Benchmark of {self.started_at:%Y-%m-%d %H:%M} UTC",
            "",
            f"`{self.command}` · commit {machine['commit']}",
            "",
            f"{machine['cores']} cores, {machine['cpu']}, {machine['memory_gb']} GB, load before the run "
            f"{machine['load_before']}; {machine['system']}; Python {machine['python']}; {packages}.",
            f"The nodes, one Redis and the drivers share the machine; {self.pace.seconds:g} s measured after "
            f"{self.pace.warm_up_seconds:g} s of warm-up, every system started afresh for every workload.",
        ]
        if self.failures or self.skipped:
            missed = [
                *(f"**FAILED** {each}" for each in self.failures),
                *(f"**SKIPPED** {each}" for each in self.skipped),
            ]
            lines += ["", "## What was not measured", "", *(f"* {each}" for each in missed)]
        for plot in plots:
            lines += ["", f"![{plot.removesuffix('.svg').rpartition('-')[2]}]({plot})"]
        for title, head, rows in tables_of(self):
            lines += ["", f"## {title}", "", *_markdown_table(head, rows)]
        return "\n".join(lines) + "\n"


def _middle(repeats: list[Figures]) -> Figures:
    ordered = sorted(repeats, key=lambda each: each.deliveries_per_second if each.window else each.remote_p99_ms or 0.0)
    return ordered[len(ordered) // 2]


def _markdown_table(head: Row, rows: list[Row]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]
