"""What the benchmark asks of a system: start clean for a workload, seat its devices, and name its processes."""

from abc import ABC, abstractmethod
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from benchmarks.driver.device import Seat
from benchmarks.workloads import Workload
from chat.ops.redis_server import RedisServer

NODES = 3
WATCHED_EVERY = 8
"""One device in so many checks order and latency; all are counted."""


class System(ABC):
    """`async with System(workload, directory) as system:` three nodes and a Redis of their own, all empty."""

    name: ClassVar[str]
    title: ClassVar[str]
    is_durable: ClassVar[bool] = False

    def __init__(self, workload: Workload, directory: Path) -> None:
        self.workload = workload
        self.directory = directory
        self.redis = RedisServer(directory / "redis")

    @abstractmethod
    async def start_nodes(self) -> None: ...

    @abstractmethod
    async def stop_nodes(self) -> None: ...

    @abstractmethod
    def node_pids(self) -> list[int]: ...

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

    def seats(self) -> list[Seat]:
        return [self.seat(index) for index in range(self.workload.devices)]

    def is_watched(self, index: int) -> bool:
        return index % WATCHED_EVERY == 0
