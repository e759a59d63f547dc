"""What a connection that only listens costs in memory: many are opened, and the growth of the nodes is divided."""

import asyncio
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.driver.crew import Crew
from benchmarks.processes import memory_bytes
from benchmarks.systems.system import System
from benchmarks.workloads import NODES, Workload

CONNECTIONS = 500
ROOM_SIZE = 10
REST_SECONDS = 4.0
"""What a node still does for those who have just come is done by then."""
COLLECT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class IdleMemory:
    """Memory in KB: of an empty node, and what each of `connections` adds to all nodes together, and to Redis."""

    system: str
    connections: int
    empty_node_kb: float
    kb_per_connection: float
    redis_kb_per_connection: float

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def measure_idle(system_class: type[System], connections: int = CONNECTIONS) -> IdleMemory:
    """The connections sit in rooms of ten; a few that were opened before have warmed the nodes up."""
    workload = Workload(f"{connections} idle", (ROOM_SIZE,) * (connections // ROOM_SIZE), 0)
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as directory:
        async with system_class(workload, Path(directory)) as system:
            seats = system.seats()
            warm, rest = seats[: ROOM_SIZE * NODES], seats[ROOM_SIZE * NODES :]
            async with Crew(warm, processes=1) as first, Crew(rest) as others:
                await first.connect()
                await _rest(system)
                before, redis_before = _memory(system), memory_bytes(system.redis.pid)
                await others.connect()
                await _rest(system)
                grown = _memory(system) - before
                redis_grown = memory_bytes(system.redis.pid) - redis_before
    each, redis_each = grown / len(rest) / 1e3, redis_grown / len(rest) / 1e3
    return IdleMemory(system.name, connections, before / NODES / 1e3, each, redis_each)


async def _rest(system: System) -> None:
    await asyncio.sleep(REST_SECONDS)
    system.collect_garbage()
    await asyncio.sleep(COLLECT_SECONDS)


def _memory(system: System) -> int:
    return sum(map(memory_bytes, system.node_pids()))
