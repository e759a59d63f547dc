"""distchat itself, as it runs in production but for its rate limits: durable, three nodes, one Redis."""

import asyncio
import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar
from uuid import uuid4

from benchmarks.driver.seat import Seat
from benchmarks.systems.system import System
from benchmarks.workloads import NODES, Workload
from chat.proof.cluster import PROJECT, Cluster

POST = '{"type":"post","ref":{number},"conversation":{conversation},"client_id":"{client_id}","text":"{text}"}'
NO_LIMIT = str(10**8)
FILE = "distchat.sqlite3"
PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "of-a-benchmark-on-the-loopback-that-lives-for-a-minute",
    "ALLOWED_HOSTS": "127.0.0.1",
    "DISTCHAT_HTTPS": "false",
}
"""DEBUG=true, the default for development, has Django keep every query."""


class Distchat(System):
    """On a new SQLite file, the default of the product."""

    name = "distchat"
    title = "distchat on SQLite"
    does = (
        "three Daphne nodes; sessions checked, membership checked, every message committed to SQL before it is "
        "acknowledged, numbered, delivered in order"
    )
    history = "all of it"
    pasts: tuple[int, ...] = ()
    """How many messages each room begins with; none but the first where this is empty."""
    more_users = 0
    """Users with a session who are in no room; their cookies are the last ones."""
    _blank: ClassVar[TemporaryDirectory[str] | None] = None

    def __init__(self, workload: Workload, directory: Path) -> None:
        super().__init__(workload, directory)
        self.environment = {
            "REDIS_URL": self.redis.url,
            "DATABASE_URL": f"sqlite:///{directory / FILE}",
            "DISTCHAT_POSTS_PER_10S": NO_LIMIT,
            "DISTCHAT_COMMANDS_PER_10S": NO_LIMIT,
            "LOG_LEVEL": "WARNING",
            **PRODUCTION,
        }
        self.cookies: list[str] = []
        self.conversations: list[int] = []

    async def start_nodes(self) -> None:
        self.environment["REDIS_URL"] = self.redis.url  # its port may have changed at the start
        await self.make_blank()
        await self._fill()
        self.cluster = Cluster(NODES, environment=self.environment, log_directory=self.directory)
        await self.cluster.start()
        self.nodes = list(self.cluster.nodes.values())

    async def stop_nodes(self) -> None:
        await self.cluster.stop()
        await self.cluster.kill_all()

    def seat(self, index: int) -> Seat:
        conversation = self.conversations[self.workload.room_of(index)]
        hello = {"type": "hello", "ref": 0, "device": str(uuid4()), "cursors": {}}
        cursor = f'"cursors":{{"{conversation}":{{"epoch":"{{epoch}}","seq":{{seq}}}}}}'
        return self.seat_at(
            index,
            path="/ws/",
            headers={"Origin": "http://127.0.0.1:{port}", "Cookie": f"sessionid={self.cookies[index]}"},
            hello=json.dumps(hello),
            ready='"type":"caught_up"',
            post=POST.replace("{conversation}", str(conversation)),
            marks={
                "epoch": r'"type":"caught_up",[^}]*"epoch":"([^"]+)"',
                "seq": r'"changed_seq":(\d+)|"type":"caught_up",[^}]*"seq":(\d+)',
            },
            path_again="/ws/",
            hello_again=json.dumps(hello, separators=(",", ":")).replace('"cursors":{}', cursor),
        )

    async def make_blank(self) -> None:
        """Tables are made once in a run, and copied: a start would take seconds longer."""
        if Distchat._blank is None:
            Distchat._blank = TemporaryDirectory(prefix="distchat-benchmark-blank-")
            await self.ask_fill(None, f"sqlite:///{self._blank_file()}")
        shutil.copyfile(self._blank_file(), self.directory / FILE)

    @classmethod
    def release(cls) -> None:
        blank, Distchat._blank = Distchat._blank, None
        if blank is not None:
            blank.cleanup()

    @staticmethod
    def _blank_file() -> Path:
        assert Distchat._blank is not None
        return Path(Distchat._blank.name, FILE)

    async def _fill(self) -> None:
        users = self.workload.devices + self.more_users
        plan = {"users": users, "rooms": self.workload.rooms, "pasts": self.pasts}
        rows = await self.ask_fill(plan, self.environment["DATABASE_URL"])
        self.cookies, self.conversations = rows["cookies"], rows["conversations"]

    async def ask_fill(self, plan: Mapping[str, Any] | None, database: str) -> Any:
        """What the program that fills a database answers; None makes it blank."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.systems.fill"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=PROJECT,
            env={**os.environ, **self.environment, "DATABASE_URL": database},
        )
        answer, _ = await process.communicate(json.dumps(plan).encode())
        if process.returncode:
            raise RuntimeError("the database could not be filled; the reason is above")
        return json.loads(answer)
