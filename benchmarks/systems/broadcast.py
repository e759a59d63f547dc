"""The seeds' design: `websockets` servers and one Redis pub/sub channel, at its best (`websockets.broadcast`)."""

import asyncio
import os
import sys

from benchmarks.driver.device import Seat
from benchmarks.systems.system import NODES, System
from chat.ops.ports import free_port
from chat.proof.cluster import HOST, PROJECT
from chat.proof.process import NodeProcess


class Broadcast(System):
    """Nothing is stored, nothing is checked, nobody logs in."""

    name = "seeds"
    title = "websockets + one Redis channel"

    async def start_nodes(self) -> None:
        self._nodes = [self._node(number, free_port()) for number in range(1, NODES + 1)]
        for node in self._nodes:
            await node.launch()
        for node in self._nodes:
            await node.wait_until_ready(20.0)

    async def stop_nodes(self) -> None:
        await asyncio.gather(*(node.terminate(5.0) for node in self._nodes if node.is_running))

    def node_pids(self) -> list[int]:
        return [node.pid for node in self._nodes]

    def seat(self, index: int) -> Seat:
        return Seat(
            index=index,
            node=index % NODES,
            port=self._nodes[index % NODES].port,
            path=f"/ws/{self.workload.room_of(index)}",
            headers={},
            hello="",
            ready="",
            post='{"text":"{text}"}',
            is_sender=self.workload.is_sender(index),
            is_watched=self.is_watched(index),
        )

    def _node(self, number: int, port: int) -> NodeProcess:
        command = [sys.executable, "-m", "benchmarks.peers.broadcast.server"]
        environment = {**os.environ, "PORT": str(port), "REDIS_URL": self.redis.url}
        log = self.directory / f"node_{number}.log"
        return NodeProcess(f"node_{number}", HOST, port, command, environment, log, PROJECT)
