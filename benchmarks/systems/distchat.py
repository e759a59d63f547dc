"""distchat itself, as it runs in production but for its rate limits: durable, three nodes, one Redis."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import ClassVar
from uuid import uuid4

from benchmarks.driver.device import Seat
from benchmarks.systems.system import NODES, System
from benchmarks.workloads import Workload
from chat.proof.cluster import PROJECT, Cluster

POST = '{"type":"post","ref":{number},"conversation":{conversation},"client_id":"{client_id}","text":"{text}"}'
NO_LIMIT = str(10**8)
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "of-a-benchmark-on-the-loopback-that-lives-for-a-minute",
    "ALLOWED_HOSTS": "127.0.0.1",
    "DISTCHAT_HTTPS": "false",
}
"""DEBUG=true, the default for development, has Django keep every query."""


class Distchat(System):
    """`database` is a URL; None is a new SQLite file, the default of the product."""

    name = "distchat"
    title = "distchat"
    is_durable = True
    database: ClassVar[str | None] = None
    pasts: tuple[int, ...] = ()
    """How many messages each room begins with; none but the first where this is empty."""
    more_users = 0
    """Users with a session who are in no room; their cookies are the last ones."""

    def __init__(self, workload: Workload, directory: Path) -> None:
        super().__init__(workload, directory)
        self.environment = {
            "REDIS_URL": self.redis.url,
            "DATABASE_URL": self.database or f"sqlite:///{directory / 'distchat.sqlite3'}",
            "DISTCHAT_POSTS_PER_10S": NO_LIMIT,
            "DISTCHAT_COMMANDS_PER_10S": NO_LIMIT,
            "LOG_LEVEL": "WARNING",
            **PRODUCTION,
        }
        self.cookies: list[str] = []
        self.conversations: list[int] = []

    async def start_nodes(self) -> None:
        self.environment["REDIS_URL"] = self.redis.url  # its port may have changed at the start
        await self._fill()
        self.cluster = Cluster(NODES, environment=self.environment, log_directory=self.directory)
        await self.cluster.start()

    async def stop_nodes(self) -> None:
        await self.cluster.stop()
        await self.cluster.kill_all()

    def node_pids(self) -> list[int]:
        return [node.pid for node in self.cluster.nodes.values()]

    def seat(self, index: int) -> Seat:
        port = list(self.cluster.nodes.values())[index % NODES].port
        conversation = self.conversations[self.workload.room_of(index)]
        return Seat(
            index=index,
            node=index % NODES,
            port=port,
            path="/ws/",
            headers={"Origin": f"http://127.0.0.1:{port}", "Cookie": f"sessionid={self.cookies[index]}"},
            hello=json.dumps({"type": "hello", "ref": 0, "device": str(uuid4()), "cursors": {}}),
            ready='"type":"caught_up"',
            post=POST.replace("{conversation}", str(conversation)),
            is_sender=self.workload.is_sender(index),
            is_watched=self.is_watched(index),
        )

    async def _fill(self) -> None:
        size = self.workload.room_size
        rooms = [list(range(start, start + size)) for start in range(0, self.workload.rooms * size, size)]
        plan = {"users": self.workload.devices + self.more_users, "rooms": rooms, "pasts": self.pasts}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.systems.fill"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=PROJECT,
            env={**os.environ, **self.environment},
        )
        answer, _ = await process.communicate(json.dumps(plan).encode())
        if process.returncode:
            raise RuntimeError("the database could not be filled; the reason is above")
        rows = json.loads(answer)
        self.cookies, self.conversations = rows["cookies"], rows["conversations"]
