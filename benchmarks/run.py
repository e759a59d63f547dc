"""What a run measures, as the command line asks for it, and what becomes of the figures."""

import argparse
import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.budgets import LATENCIES, RATIOS
from benchmarks.checkpoint import measure_checkpoints
from benchmarks.history import measure_history
from benchmarks.idle import measure_idle
from benchmarks.machine import describe_machine
from benchmarks.measuring import LATEST_MS, Figures, Pace, measure
from benchmarks.peers.install import install
from benchmarks.recovery import HOWS, measure_recovery
from benchmarks.results import Results
from benchmarks.show import say, say_figures, show
from benchmarks.storm import measure_storm
from benchmarks.systems.distchat import Distchat
from benchmarks.systems.distchat_postgres import DistchatOnPostgres
from benchmarks.systems.system import System
from benchmarks.systems.table import SYSTEMS
from benchmarks.turns import measure_turns
from benchmarks.workloads import WORKLOADS, Workload

RESULTS = Path(__file__).resolve().parent / "results"
QUICK = Pace(seconds=1.5, warm_up_seconds=0.8)
QUICK_SHARE = 0.2
QUICK_SYSTEMS = ("distchat", "distchat-postgres", "socketio", "tutorial", "seeds", "nchan")
QUICK_PARTS = ("300 saturated", "60 at 50/s", "75 rooms", "recovery", "idle", "history", "checkpoint")
MINUTES, QUICK_MINUTES = 30.0, 6.0
DESCRIPTION = "Measure distchat beside other systems, in one run."
JUDGED = {each.workload for each in (*RATIOS, *LATENCIES)}
OTHERS = ("recovery", "storm", "idle", "history", "checkpoint", "turns")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured in this run; nothing is begun that late that it would end after `ends_at` (monotonic)."""

    systems: tuple[type[System], ...]
    workloads: tuple[Workload, ...]
    others: tuple[str, ...]
    pace: Pace
    repeats: int
    share: float
    ends_at: float


class Run:
    """Measures a plan, what budgets ask for first; what fails is written down, and the run goes on."""

    def __init__(self, plan: Plan, results: Results) -> None:
        self._plan = plan
        self._results = results
        self._slow: dict[tuple[str, int], float] = {}
        self._longest = 0.0

    async def measure(self) -> None:
        try:
            await self._in_turn([each for each in self._plan.workloads if each.name in JUDGED])
            for name in self._plan.others:
                say(name)
                await self._others()[name]()
            await self._in_turn([each for each in self._plan.workloads if each.name not in JUDGED])
        finally:
            for system in self._plan.systems:
                system.release()

    async def _in_turn(self, workloads: Sequence[Workload]) -> None:
        for _ in range(self._plan.repeats):
            for workload in workloads:
                await self._side_by_side(workload)

    def _others(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {
            "recovery": self._recoveries,
            "storm": self._storms,
            "idle": self._idle,
            "history": self._histories,
            "checkpoint": self._checkpoints,
            "turns": self._turns,
        }

    async def _side_by_side(self, workload: Workload) -> None:
        say(workload.name)
        for system in self._plan.systems:
            if self._fell_behind(system, workload):
                continue
            what = f"{workload.name}, {system.name}"
            found = await self._tried(what, lambda: measure(system, workload, self._plan.pace))  # noqa: B023  awaited here
            if found:
                say_figures(found)
                self._results.figures.append(found)
                self._note(found, workload)

    def _note(self, found: Figures, workload: Workload) -> None:
        if workload.rate and (found.p99_ms is None or found.p99_ms > LATEST_MS or found.missing):
            self._slow[found.system, workload.devices] = workload.rate

    def _fell_behind(self, system: type[System], workload: Workload) -> bool:
        """More load would only make the queue of a system longer that did not keep up with less."""
        rate = self._slow.get((system.name, workload.devices))
        if rate is None or workload.rate <= rate:
            return False
        self._skip(f"{workload.name}, {system.name}: it did not keep up with {rate:g}/s")
        return True

    async def _recoveries(self) -> None:
        for how in HOWS:
            for system in self._plan.systems:
                if how == "kill" and not system.has_many_nodes:
                    self._skip(f"recovery, {system.name}: it is one nginx, so no node of it can die alone")
                    continue
                found = await self._tried(f"recovery, {how}, {system.name}", lambda: measure_recovery(system, how))  # noqa: B023
                if found:
                    say(f"  {how} {system.name:<17} {found.back} back in {found.last_seconds:.2f} s, {found.lost} lost")
                    self._results.recoveries.append(found)

    async def _storms(self) -> None:
        for system in self._plan.systems:
            found = await self._tried(f"storm, {system.name}", lambda: measure_storm(system))  # noqa: B023
            if found:
                say(f"  {system.name:<17} all in after {found.all_seconds:.2f} s, {found.failed} failed")
                self._results.storms.append(found)

    async def _idle(self) -> None:
        for system in self._plan.systems:
            found = await self._tried(f"idle, {system.name}", lambda: measure_idle(system))  # noqa: B023
            if found:
                say(f"  {system.name:<17} {found.kb_per_connection:.1f} KB a connection")
                self._results.idle.append(found)

    async def _histories(self) -> None:
        for system in self._plan.systems:
            if issubclass(system, Distchat):
                what = f"history, {system.name}"
                found = await self._tried(what, lambda: measure_history(system, self._plan.share))  # noqa: B023
                self._results.histories += found or []

    async def _checkpoints(self) -> None:
        found = await self._tried("checkpoint", measure_checkpoints)
        self._results.checkpoints = found or []

    async def _turns(self) -> None:
        self._results.turns = await self._tried("turns", lambda: measure_turns(self._plan.pace, self._plan.share))

    async def _tried(self, what: str, measurement: Callable[[], Awaitable[T]]) -> T | None:
        began = time.monotonic()
        if began + self._longest > self._plan.ends_at:
            self._skip(f"{what}: the time of this run is over (--minutes)")
            return None
        try:
            return await measurement()
        except Exception as error:  # noqa: BLE001  a peer that breaks must not cost the figures of the others
            self._results.failures.append(f"{what}: {type(error).__name__} {error}")
            say(f"  FAILED: {self._results.failures[-1]}")
            return None
        finally:
            self._longest = max(self._longest, time.monotonic() - began)

    def _skip(self, what: str) -> None:
        self._results.skipped.append(what)
        say(f"  SKIPPED {what}")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every budget that was measured is met and nothing failed, else 1."""
    options = _parser().parse_args(arguments)
    logging.disable(logging.WARNING)
    DistchatOnPostgres.database = options.database
    command = " ".join(["python -m benchmarks", *(sys.argv[1:] if arguments is None else arguments)])
    problems = [] if options.no_install else install()
    plan, missing = _plan(options)
    results = Results(describe_machine(), command, plan.pace)
    results.skipped += missing
    results.versions = {system.name: system.versions() for system in plan.systems}
    for line in (*problems, *missing):
        say(f"SKIPPED {line}")
    try:
        asyncio.run(Run(plan, results).measure())
    except KeyboardInterrupt:
        results.failures.append("the run was interrupted; what follows is what had been measured")
    page = results.save(options.output)
    show(results)
    say(f"written to {page} and {page.with_suffix('.json').name}")
    return 0 if not results.failures and all(verdict.is_met for verdict in results.verdicts()) else 1


def _plan(options: argparse.Namespace) -> tuple[Plan, list[str]]:
    """The plan, and which systems are not here and why."""
    wanted = _parts(options.only) or (list(QUICK_PARTS) if options.quick else [])
    names = _parts(options.systems) or list(QUICK_SYSTEMS if options.quick else SYSTEMS)
    missing = {name: SYSTEMS[name].missing() for name in names}
    pace = QUICK if options.quick else Pace()
    plan = Plan(
        systems=tuple(SYSTEMS[name] for name in names if not missing[name]),
        workloads=tuple(each for each in WORKLOADS if _is_wanted(each.name, wanted)),
        others=tuple(name for name in OTHERS if _is_wanted(name, wanted)),
        pace=Pace(options.seconds or pace.seconds, options.warm_up or pace.warm_up_seconds, options.drivers),
        repeats=options.repeats,
        share=QUICK_SHARE if options.quick else 1.0,
        ends_at=time.monotonic() + 60 * (options.minutes or (QUICK_MINUTES if options.quick else MINUTES)),
    )
    return plan, [f"{name}: {reason}" for name, reason in missing.items() if reason]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _is_wanted(name: str, wanted: Sequence[str]) -> bool:
    return not wanted or any(part in name for part in wanted)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=DESCRIPTION)
    names = ", ".join([*(repr(each.name) for each in WORKLOADS), *OTHERS])
    parser.add_argument("--only", default="", help=f"parts of names, separated by commas, of: {names}")
    parser.add_argument("--systems", default="", help=f"which, separated by commas, of: {', '.join(SYSTEMS)}")
    parser.add_argument("--database", help="a PostgreSQL for distchat-postgres; EVERYTHING in it is deleted")
    parser.add_argument("--quick", action="store_true", help="fewer systems and workloads, half the time for each")
    parser.add_argument("--seconds", type=float, help="how long each measurement takes")
    parser.add_argument("--warm-up", type=float, help="seconds of load before it")
    parser.add_argument("--repeats", type=int, default=1, help="how often; the middle one counts")
    parser.add_argument("--drivers", type=int, default=2, help="driver processes; default: %(default)s")
    parser.add_argument("--minutes", type=float, help="begin nothing after so long; default: 30, with --quick 6")
    parser.add_argument("--no-install", action="store_true", help="fetch nothing that a peer needs")
    parser.add_argument("--output", type=Path, default=RESULTS, help="directory for the report and the raw figures")
    return parser
