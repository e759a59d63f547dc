"""The chat of the Channels tutorial on three Daphne processes, with channels_redis' pub/sub layer."""

from benchmarks.driver.device import Seat
from benchmarks.systems.system import NODES, System
from chat.proof.cluster import Cluster


class Tutorial(System):
    """Started with the same Daphne options as distchat; nothing is stored, nobody logs in."""

    name = "tutorial"
    title = "Channels tutorial, pub/sub layer"

    async def start_nodes(self) -> None:
        self._cluster = Cluster(
            NODES,
            environment={"REDIS_URL": self.redis.url},
            log_directory=self.directory,
            application="benchmarks.peers.tutorial.asgi:application",
        )
        await self._cluster.start()

    async def stop_nodes(self) -> None:
        await self._cluster.kill_all()  # this application has no drain: a SIGTERM under load takes many seconds

    def node_pids(self) -> list[int]:
        return [node.pid for node in self._cluster.nodes.values()]

    def seat(self, index: int) -> Seat:
        port = list(self._cluster.nodes.values())[index % NODES].port
        return Seat(
            index=index,
            node=index % NODES,
            port=port,
            path=f"/ws/chat/{self.workload.room_of(index)}/",
            headers={"Origin": f"http://127.0.0.1:{port}"},
            hello="",
            ready="",
            post='{"message":"{text}"}',
            is_sender=self.workload.is_sender(index),
            is_watched=self.is_watched(index),
        )
