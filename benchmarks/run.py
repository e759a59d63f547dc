"""What a run measures, as the command line asks for it, and what becomes of the figures."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.checkpoint import measure_checkpoints
from benchmarks.history import measure_history
from benchmarks.idle import measure_idle
from benchmarks.machine import describe_machine
from benchmarks.measuring import Pace, measure
from benchmarks.results import Results
from benchmarks.show import say, say_figures, show
from benchmarks.systems.distchat import Distchat
from benchmarks.systems.system import System
from benchmarks.systems.table import SYSTEMS
from benchmarks.turns import measure_turns
from benchmarks.workloads import WORKLOADS, Workload

RESULTS = Path(__file__).resolve().parent / "results"
QUICK = Pace(seconds=3.0, warm_up_seconds=2.0)
QUICK_SHARE = 0.2
DESCRIPTION = "Measure distchat beside other designs, in one run."
OTHERS = ("idle", "history", "checkpoint", "turns")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured in this run."""

    systems: tuple[type[System], ...]
    workloads: tuple[Workload, ...]
    others: tuple[str, ...]
    pace: Pace
    repeats: int
    share: float


class Run:
    """Measures a plan; what fails is written down, and the run goes on."""

    def __init__(self, plan: Plan, results: Results) -> None:
        self._plan = plan
        self._results = results

    async def measure(self) -> None:
        for workload in self._plan.workloads:
            say(workload.name)
            for _ in range(self._plan.repeats):
                await self._side_by_side(workload)
        if "idle" in self._plan.others:
            for system in self._plan.systems:
                found = await self._tried(f"idle, {system.name}", measure_idle(system))
                self._results.idle += [found] if found else []
        if "history" in self._plan.others:
            self._results.histories = await self._tried("history", measure_history(self._plan.share)) or []
        if "checkpoint" in self._plan.others:
            self._results.checkpoints = await self._tried("checkpoint", measure_checkpoints()) or []
        if "turns" in self._plan.others:
            self._results.turns = await self._tried("turns", measure_turns(self._plan.pace, self._plan.share))

    async def _side_by_side(self, workload: Workload) -> None:
        for system in self._plan.systems:
            found = await self._tried(f"{workload.name}, {system.name}", measure(system, workload, self._plan.pace))
            if found:
                say_figures(found)
                self._results.figures.append(found)

    async def _tried(self, what: str, measurement: Awaitable[T]) -> T | None:
        try:
            return await measurement
        except Exception as error:  # noqa: BLE001  a peer that breaks must not cost the figures of the others
            self._results.failures.append(f"{what}: {type(error).__name__} {error}")
            say(f"  failed: {self._results.failures[-1]}")
            return None


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every budget that was measured is met and nothing failed, else 1."""
    options = _parser().parse_args(arguments)
    logging.disable(logging.WARNING)
    Distchat.database = options.database
    plan = _plan(options)
    command = " ".join(["python -m benchmarks", *(sys.argv[1:] if arguments is None else arguments)])
    results = Results(describe_machine(), command, plan.pace, (options.database or "sqlite").partition(":")[0])
    asyncio.run(Run(plan, results).measure())
    page = results.save(options.output)
    show(results)
    say(f"written to {page} and {page.with_suffix('.json').name}")
    return 0 if not results.failures and all(verdict.is_met for verdict in results.verdicts()) else 1


def _plan(options: argparse.Namespace) -> Plan:
    wanted = [part.strip() for part in options.only.split(",") if part.strip()]
    pace = QUICK if options.quick else Pace()
    return Plan(
        systems=tuple(SYSTEMS[name.strip()] for name in options.systems.split(",")),
        workloads=tuple(each for each in WORKLOADS if _is_wanted(each.name, wanted)),
        others=tuple(name for name in OTHERS if _is_wanted(name, wanted)),
        pace=Pace(options.seconds or pace.seconds, options.warm_up or pace.warm_up_seconds, options.drivers),
        repeats=options.repeats,
        share=QUICK_SHARE if options.quick else 1.0,
    )


def _is_wanted(name: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(part in name for part in wanted)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=DESCRIPTION)
    names = ", ".join([*(repr(each.name) for each in WORKLOADS), *OTHERS])
    parser.add_argument("--only", default="", help=f"parts of names, separated by commas, of: {names}")
    parser.add_argument("--systems", default=",".join(SYSTEMS), help="which systems; default: %(default)s")
    parser.add_argument("--database", help="PostgreSQL for distchat; EVERYTHING in it is deleted. Default: SQLite")
    parser.add_argument("--quick", action="store_true", help="3 s for each measurement instead of 10")
    parser.add_argument("--seconds", type=float, help="how long each measurement takes")
    parser.add_argument("--warm-up", type=float, help="seconds of load before it")
    parser.add_argument("--repeats", type=int, default=1, help="how often; the middle one counts")
    parser.add_argument("--drivers", type=int, default=2, help="driver processes; default: %(default)s")
    parser.add_argument("--output", type=Path, default=RESULTS, help="directory for the report and the raw figures")
    return parser
