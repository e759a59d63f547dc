"""A storm of connections: everybody comes at once, and is ready when the system says so."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from benchmarks.driver.crew import Crew
from benchmarks.processes import cpu_seconds
from benchmarks.systems.system import System
from benchmarks.workloads import Workload

CONNECTIONS = 500
ROOM_SIZE = 10


@dataclass(frozen=True, slots=True)
class StormCost:
    """Seconds from opening the socket to being ready, and the CPU (ms) of the nodes for each connection."""

    system: str
    connections: int
    failed: int
    p50_seconds: float
    p99_seconds: float
    all_seconds: float
    cpu_ms: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def measure_storm(system_class: type[System], connections: int = CONNECTIONS) -> StormCost:
    """All of them at the same moment, in rooms of ten, on nodes that have just started."""
    workload = Workload(f"storm of {connections}", (ROOM_SIZE,) * (connections // ROOM_SIZE), 0)
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as directory:
        async with system_class(workload, Path(directory)) as system, Crew(system.seats()) as crew:
            before = _spent(system)
            seconds, failures = await crew.storm()
            spent = _spent(system) - before
    if len(seconds) < 2:
        raise ConnectionError(f"nobody came in: {failures[0]}")
    ranks = quantiles(seconds, n=100, method="inclusive")
    return StormCost(
        system=system.name,
        connections=connections,
        failed=len(failures),
        p50_seconds=ranks[49],
        p99_seconds=ranks[98],
        all_seconds=max(seconds),
        cpu_ms=spent / connections * 1e3,
    )


def _spent(system: System) -> float:
    return sum(map(cpu_seconds, system.node_pids()))
