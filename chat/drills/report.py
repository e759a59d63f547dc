"""What a run found, as a page to read, as JSON, and as one picture for each drill."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from chat.drills.drill import Drill
from chat.drills.outcome import Outcome
from chat.drills.plot import svg_of
from chat.drills.scale import Scale
from chat.drills.timeline import Timeline
from chat.version import VERSION


@dataclass(slots=True)
class Controlled:
    """The control of a drill: whether the drill failed on weakened nodes, as it has to, and by what."""

    drill: str
    weakening: str
    is_noticed: bool
    failed: list[str]


@dataclass(slots=True)
class Report:
    """Everything about one run."""

    scale: Scale
    command: str
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    load_before: float = field(default_factory=lambda: os.getloadavg()[0])
    played: list[tuple[Drill, Outcome]] = field(default_factory=list)
    controls: list[Controlled] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        drills = bool(self.played) and all(outcome.passed for _, outcome in self.played)
        return drills and all(each.is_noticed for each in self.controls)

    def totals(self) -> dict[str, int]:
        """What all drills together posted and delivered, and what became of it against the promises."""
        outcomes = [outcome for _, outcome in self.played]
        return {
            "posts acknowledged": sum(each.posts for each in outcomes),
            "deliveries": sum(each.deliveries for each in outcomes),
            "lost": sum(each.counts["A"] for each in outcomes),
            "doubled": sum(each.counts["B"] for each in outcomes),
            "reordered": sum(each.counts["D"] + each.counts["F"] for each in outcomes),
            "other violations": sum(len(each.violations) for each in outcomes)
            - sum(each.counts[rule] for each in outcomes for rule in "ABDF"),
        }

    def write(self, directory: Path) -> Path:
        """Write report.md, report.json and <drill>.svg; returns the page. Raises OSError."""
        directory.mkdir(parents=True, exist_ok=True)
        for drill, outcome in self.played:
            timeline = longest_of(outcome.timelines)
            if timeline is not None:
                (directory / f"{drill.name}.svg").write_text(svg_of(drill.happens, timeline), encoding="utf-8")
        (directory / "report.json").write_bytes(orjson.dumps(self.as_json(), option=orjson.OPT_INDENT_2))
        page = directory / "report.md"
        page.write_text(self.as_markdown(), encoding="utf-8")
        return page

    def as_json(self) -> dict[str, Any]:
        return {
            "passed": self.passed,
            "started_at": self.started_at.isoformat(),
            "command": self.command,
            "machine": self._machine(),
            "patience": self.scale.patience,
            "totals": self.totals(),
            "drills": [_as_json(drill, outcome) for drill, outcome in self.played],
            "controls": [
                {"drill": each.drill, "weakening": each.weakening, "noticed": each.is_noticed, "failed": each.failed}
                for each in self.controls
            ],
        }

    def as_markdown(self) -> str:
        good = sum(outcome.passed for _, outcome in self.played)
        totals = ", ".join(f"{name} **{count:,}**" for name, count in self.totals().items())
        lines = [
            f"# Fault drills of {self.started_at:%Y-%m-%d %H:%M} UTC",
            "",
            f"`{self.command}`: **{good} of {len(self.played)} passed**. How to read this: docs/drills.md.",
            "",
            f"{', '.join(f'{name} {value}' for name, value in self._machine().items())}.",
            "",
            f"All drills together: {totals}.",
            "",
            "| drill | criterion | measured | limit | verdict |",
            "| --- | --- | --- | --- | --- |",
        ]
        for drill, outcome in self.played:
            for row in outcome.rows:
                verdict = "met" if row.is_met else "**not met**"
                lines.append(f"| {drill.name} | {row.text} | {row.measured} | {row.limit} | {verdict} |")
        lines += self._controls() + [line for played in self.played for line in _chapter(*played)]
        return "\n".join(lines) + "\n"

    def _controls(self) -> list[str]:
        if not self.controls:
            return []
        head = ["", "## Controls", "", "Each drill on nodes that lack something on purpose has to fail.", ""]
        head += ["| drill | what the nodes lacked | what failed | verdict |", "| --- | --- | --- | --- |"]
        return head + [
            f"| {each.drill} | {each.weakening} | {'; '.join(each.failed) or 'nothing'} | "
            f"{'noticed' if each.is_noticed else '**not noticed**'} |"
            for each in self.controls
        ]

    def _machine(self) -> dict[str, Any]:
        return {
            "distchat": VERSION,
            "Python": platform.python_version(),
            "cores": os.cpu_count(),
            "load before": round(self.load_before, 2),
        }


def longest_of(timelines: Sequence[Timeline]) -> Timeline | None:
    """The one with most to show; None where nobody talked."""
    return max((each for each in timelines if each.steps), key=lambda each: len(each.steps), default=None)


def _chapter(drill: Drill, outcome: Outcome) -> list[str]:
    lost, doubled, reordered = (outcome.counts[rule] for rule in "ABD")
    lines = ["", f"## {drill.name}", "", f"{drill.happens[0].upper()}{drill.happens[1:]}. {outcome.seconds:.0f} s."]
    if outcome.judgements:
        lines[-1] += (
            f" {outcome.posts:,} changes acknowledged, {outcome.deliveries:,} deliveries:"
            f" lost {lost}, doubled {doubled}, out of order {reordered}."
        )
    if outcome.series:
        lines += ["", "| held when nobody is there | first | least | median | most | last |", "| --- |" + " --- |" * 5]
        for what, values in outcome.series.items():
            shown = (values[0], min(values), median(values), max(values), values[-1])
            lines.append(f"| {what} | {' | '.join(f'{value:,.0f}' for value in shown)} |")
    if longest_of(outcome.timelines) is not None:
        lines += ["", f"![Latency over time: {drill.happens}]({drill.name}.svg)"]
    return lines


def _as_json(drill: Drill, outcome: Outcome) -> dict[str, Any]:
    return {
        "name": drill.name,
        "happens": drill.happens,
        "passed": outcome.passed,
        "seconds": round(outcome.seconds, 1),
        "criteria": [
            {"text": row.text, "measured": row.measured, "limit": row.limit, "met": row.is_met} for row in outcome.rows
        ],
        "values": {criterion.text: str(value) for criterion, value in outcome.measured.items()},
        "series": outcome.series,
        "posts": outcome.posts,
        "deliveries": outcome.deliveries,
        "violations": {rule: count for rule, count in outcome.counts.items() if count},
        "examples": [f"{each.rule}: {each.detail}" for each in outcome.violations[:20]],
    }
