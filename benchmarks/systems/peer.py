"""A peer that is a program of its own: three processes that are told their port and their Redis."""

import asyncio
import os
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from benchmarks.systems.system import System
from benchmarks.workloads import NODES
from chat.ops.ports import free_port
from chat.proof.cluster import HOST, PROJECT
from chat.proof.process import NodeProcess

READY_SECONDS = 30.0
END_SECONDS = 5.0


class Peer(System):
    """`async with` starts `processes` of `command`, each with PORT and REDIS_URL in its environment."""

    processes: ClassVar[int] = NODES

    @abstractmethod
    def command(self, number: int, port: int) -> Sequence[str]: ...

    def environment(self) -> Mapping[str, str]:
        return {}

    async def start_nodes(self) -> None:
        self.nodes = [self._node(number, free_port()) for number in range(1, self.processes + 1)]
        try:
            for node in self.nodes:
                await node.launch()
            for node in self.nodes:
                await node.wait_until_ready(READY_SECONDS)
        except BaseException:
            await asyncio.gather(*(node.kill() for node in self.nodes if node.is_running))
            raise

    async def stop_nodes(self) -> None:
        await asyncio.gather(*(node.terminate(END_SECONDS) for node in self.nodes if node.is_running))

    def _node(self, number: int, port: int) -> NodeProcess:
        own = {"PORT": str(port), "REDIS_URL": self.redis.url, "PYTHONUNBUFFERED": "1", **self.environment()}
        log = self.directory / f"node_{number}.log"
        return NodeProcess(
            f"node_{number}", HOST, port, self.command(number, port), {**os.environ, **own}, log, PROJECT
        )
