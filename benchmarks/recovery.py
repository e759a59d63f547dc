"""A node dies with 200 devices on it, or their connections are cut; what do they have when they are back elsewhere?"""

import asyncio
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Literal

from benchmarks.driver.crew import Crew, Load
from benchmarks.systems.system import System
from benchmarks.workloads import Workload

How = Literal["kill", "cut"]
HOWS: tuple[How, ...] = ("kill", "cut")

DEVICES = 200
SENDERS = 10
RATE = 20.0
WARM_UP_SECONDS = 2.0
AFTER_SECONDS = 5.0
"""Messages go on for so long after the fault; who is not back by then has lost what came meanwhile."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """`lost`, `doubled`, `late`: messages, over all devices cut off. Seconds count from the fault until ready."""

    system: str
    how: How
    devices: int
    back: int
    p50_seconds: float
    last_seconds: float
    sent: int
    lost: int
    doubled: int
    late: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def measure_recovery(system_class: type[System], how: How, devices: int = DEVICES) -> Recovery:
    """The senders sit on the other nodes, all are in one room, and each device comes back after a pause at random."""
    workload = Workload("recovery", (devices + SENDERS,), SENDERS, rate=RATE, on_first=devices)
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as directory:
        async with system_class(workload, Path(directory)) as system:
            seats = [replace(seat, comes_back=seat.index < devices) for seat in system.seats()]
            async with Crew(seats) as crew:
                await crew.connect()
                broken_at = await _broken(system, crew, workload, how)
                totals = await crew.settled()
                return _found(system, how, broken_at, totals["sent"], await crew.returns())


async def _broken(system: System, crew: Crew, workload: Workload, how: How) -> float:
    """Talk, break, talk on; returns the moment of the fault."""
    cut_after = WARM_UP_SECONDS if how == "cut" else 0.0
    load = Load(rate_per_sender=workload.rate_per_sender, cut_after_seconds=cut_after)
    broken_at = time.monotonic() + WARM_UP_SECONDS
    async with asyncio.TaskGroup() as group:
        group.create_task(crew.run(load, warm_up_seconds=WARM_UP_SECONDS, seconds=AFTER_SECONDS))
        if how == "kill":
            await asyncio.sleep(WARM_UP_SECONDS)
            broken_at = time.monotonic()
            await system.nodes[0].kill()
    return broken_at


def _found(system: System, how: How, broken_at: float, sent: int, returns: list[dict[str, Any]]) -> Recovery:
    broken_at = min([each["lost_at"] for each in returns if each["lost_at"]], default=broken_at)
    seconds = [each["returned_at"] - broken_at for each in returns if each["returned_at"]]
    return Recovery(
        system=system.name,
        how=how,
        devices=len(returns),
        back=len(seconds),
        p50_seconds=median(seconds) if seconds else 0.0,
        last_seconds=max(seconds, default=0.0),
        sent=sent,
        lost=sum(each["lost"] for each in returns),
        doubled=sum(each["doubled"] for each in returns),
        late=sum(each["late"] for each in returns),
    )
