"""What the benchmark asks of a system: start clean for a workload, seat its devices, and name its processes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from benchmarks.driver.seat import Seat
from benchmarks.processes import family
from benchmarks.workloads import Workload
from chat.ops.redis_server import RedisServer
from chat.proof.process import NodeProcess

WATCHED_EVERY = 8
"""One device in so many checks order and latency; all are counted."""


class System(ABC):
    """`async with System(workload, directory) as system:` its nodes and a Redis of their own, all empty."""

    name: ClassVar[str]
    title: ClassVar[str]
    does: ClassVar[str] = ""
    lacks: ClassVar[str] = ""
    """What it does for a message, and what of distchat's work it does not do."""
    history: ClassVar[str] = "none"
    """What can be read back of what was said."""
    has_many_nodes: ClassVar[bool] = True
    nodes: list[NodeProcess]

    def __init__(self, workload: Workload, directory: Path) -> None:
        self.workload = workload
        self.directory = directory
        self.redis = RedisServer(directory / "redis")
        self.nodes = []

    @classmethod
    def missing(cls) -> str:
        """Why it cannot run on this machine, and what to do about it; "" when it can."""
        return ""

    @classmethod
    def versions(cls) -> dict[str, str]:
        """Of the programs and libraries that only this system uses."""
        return {}

    @classmethod  # noqa: B027  most leave nothing
    def release(cls) -> None:
        """Let go of what one measurement left for the next; called when all are done."""

    @abstractmethod
    async def start_nodes(self) -> None:
        """Fill `nodes` and wait until they are ready."""

    @abstractmethod
    async def stop_nodes(self) -> None: ...

    @abstractmethod
    def seat(self, index: int) -> Seat: ...

    async def __aenter__(self) -> Self:
        self.redis.start()
        try:
            await self.start_nodes()
        except BaseException:
            self.redis.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self.stop_nodes()
        finally:
            self.redis.stop()

    def node_pids(self) -> list[int]:
        """Of all processes of the nodes that run."""
        return [pid for node in self.nodes if node.is_running for pid in family(node.pid)]

    def collect_garbage(self) -> None:  # noqa: B027  reference counts need no asking
        """Have runtimes that free memory late do it now, so that it can be measured."""

    def store_pids(self) -> list[int]:
        """Of the database, where that is a process of its own."""
        return []

    def seats(self) -> list[Seat]:
        rooms = [len(room) for room in self.workload.rooms for _ in room]
        return [self.seat(index).heard_by(rooms[index]) for index in range(self.workload.devices)]

    def seat_at(self, index: int, **speech: Any) -> Seat:
        """The seat of the workload; `speech` is how the system is spoken to (the other fields of Seat)."""
        workload, ports = self.workload, [node.port for node in self.nodes]
        node = workload.node_of(index)
        return Seat(
            index=index,
            node=node,
            ports=[ports[(node + turn) % len(ports)] for turn in range(len(ports))],
            is_sender=workload.is_sender(index),
            is_watched=index % WATCHED_EVERY == 0,
            **speech,
        )


def one_line(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())
