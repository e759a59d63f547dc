"""What a connection that only listens costs in memory: many are opened, and the growth of the nodes is divided."""

import asyncio
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.driver.crew import Crew
from benchmarks.processes import rss_bytes
from benchmarks.systems.system import NODES, System
from benchmarks.workloads import Workload

CONNECTIONS = 500
REST_SECONDS = 5.0
"""What a node still does for those who have just come is done by then."""


@dataclass(frozen=True, slots=True)
class IdleMemory:
    """Resident memory of all nodes, in KB: empty, and for each of `connections`."""

    system: str
    connections: int
    empty_node_kb: float
    kb_per_connection: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def measure_idle(system_class: type[System], connections: int = CONNECTIONS) -> IdleMemory:
    """The connections sit in rooms of ten; a few that were opened before have warmed the nodes up."""
    workload = Workload(f"{connections} idle", connections, 10, 0)
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as directory:
        async with system_class(workload, Path(directory)) as system:
            seats = system.seats()
            warm, rest = seats[: 10 * NODES], seats[10 * NODES :]
            async with Crew(warm, nodes=NODES, processes=1) as first, Crew(rest, nodes=NODES) as others:
                await first.connect()
                await asyncio.sleep(REST_SECONDS)
                before = _memory(system)
                await others.connect()
                await asyncio.sleep(REST_SECONDS)
                grown = _memory(system) - before
    return IdleMemory(system.name, connections, before / NODES / 1e3, grown / len(rest) / 1e3)


def _memory(system: System) -> int:
    return sum(map(rss_bytes, system.node_pids()))
