"""The chat of the Channels tutorial on three Daphne processes, with either of channels_redis' layers."""

from typing import ClassVar

from benchmarks.driver.seat import Seat
from benchmarks.systems.system import System
from benchmarks.workloads import NODES
from chat.proof.cluster import Cluster


class Tutorial(System):
    """Started with the same Daphne options as distchat; nothing is stored, nobody logs in."""

    name = "tutorial"
    title = "Channels tutorial, pub/sub layer"
    does = "the chat of the Channels tutorial on three Daphne processes with the same options, the pub/sub layer"
    lacks = "store, acknowledge, number, check, log in"
    layer: ClassVar[str] = "channels_redis.pubsub.RedisPubSubChannelLayer"

    async def start_nodes(self) -> None:
        self._cluster = Cluster(
            NODES,
            environment={"REDIS_URL": self.redis.url, "CHANNEL_LAYER": self.layer},
            log_directory=self.directory,
            application="benchmarks.peers.tutorial.asgi:application",
        )
        await self._cluster.start()
        self.nodes = list(self._cluster.nodes.values())

    async def stop_nodes(self) -> None:
        await self._cluster.kill_all()  # this application has no drain: a SIGTERM under load takes many seconds

    def seat(self, index: int) -> Seat:
        return self.seat_at(
            index,
            path=f"/ws/chat/{self.workload.room_of(index)}/",
            headers={"Origin": "http://127.0.0.1:{port}"},
            post='{"message":"{text}"}',
        )


class TutorialOnLists(Tutorial):
    """The layer that the tutorial itself names: a list in Redis for each process, and at most 100 messages in it."""

    name = "tutorial-core"
    title = "Channels tutorial, core layer"
    does = "the same with channels_redis' core layer, which the tutorial itself names"
    lacks = "the same; and it drops what a full queue does not take"
    layer = "channels_redis.core.RedisChannelLayer"
