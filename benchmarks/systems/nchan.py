"""Nchan, a pub/sub server in C inside nginx: the yardstick for what this machine can send."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from shutil import which
from typing import ClassVar

from benchmarks.driver.seat import Seat
from benchmarks.systems.peer import Peer
from benchmarks.workloads import NODES

TEMPLATE = Path(__file__).resolve().parent.parent / "peers" / "nchan" / "nginx.conf"
MODULES = tuple(
    Path(folder, "ngx_nchan_module.so") for folder in ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules")
)
SUBPROTOCOL = {"Sec-WebSocket-Protocol": "ws+meta.nchan"}
"""With it every message comes with its id, which a client names when it comes back."""


class Nchan(Peer):
    """One nginx with three workers that share memory: no Redis, and no node that could die alone."""

    name = "nchan"
    title = "Nchan on nginx, in C, no Redis"
    does = "one nginx with three workers, the messages in their shared memory, nothing between the workers but that"
    lacks = "store beyond its memory, acknowledge, number, check, log in, run on several machines"
    history = "the last 10,000 messages of a channel for 2 minutes, in memory"
    has_many_nodes = False
    processes = 1
    workers: ClassVar[int] = NODES

    @classmethod
    def missing(cls) -> str:
        if _nginx() is None or _module() is None:
            return "nginx with Nchan is not installed (apt install nginx-light libnginx-mod-nchan)"
        return ""

    @classmethod
    def versions(cls) -> dict[str, str]:
        said = subprocess.run([str(_nginx()), "-v"], capture_output=True, text=True, check=True, timeout=10).stderr
        nginx = re.search(r"nginx/(\S+)", said)
        return {"nginx": nginx[1] if nginx else said.strip(), "nchan": _debian_version("libnginx-mod-nchan")}

    def command(self, number: int, port: int) -> Sequence[str]:
        folder = self.directory / f"nginx_{number}"
        folder.mkdir()
        words = {
            "module": str(_module()),
            "workers": str(self.workers),
            "directory": str(folder),
            "port": str(port),
            "user": "user root;" if os.geteuid() == 0 else "",
            "upstream": self.upstream(),
            "redis": self.redis_options(),
        }
        text = TEMPLATE.read_text()
        for word, meaning in words.items():
            text = text.replace("{" + word + "}", meaning)
        file = folder / "nginx.conf"
        file.write_text(text)
        return [str(_nginx()), "-p", str(folder), "-c", str(file), "-e", str(folder / "error.log")]

    def upstream(self) -> str:
        return ""

    def redis_options(self) -> str:
        return ""

    def seat(self, index: int) -> Seat:
        path = f"/ws/room{self.workload.room_of(index)}"
        return self.seat_at(
            index,
            path=path,
            post="{text}",
            headers=SUBPROTOCOL if index < self.workload.on_first else {},
            marks={"id": r"id: (\S+)\n"},
            path_again=path + "?last_event_id={id}",
        )


class NchanOnRedis(Nchan):
    """Three nginx that share what they know through Redis, as on several machines."""

    name = "nchan-redis"
    title = "Nchan on nginx, in C, Redis"
    does = "three nginx with one worker each, `nchan_redis_pass`, the messages in Redis"
    lacks = "store beyond its buffer, acknowledge, number, check, log in"
    history = "the last 10,000 messages of a channel for 2 minutes, in Redis"
    has_many_nodes = True
    processes = NODES
    workers = 1

    def upstream(self) -> str:
        return f"upstream redis {{ nchan_redis_server {self.redis.url}; }}"

    def redis_options(self) -> str:
        return "nchan_redis_pass redis;"


def _nginx() -> str | None:
    return which("nginx") or which("nginx", path="/usr/sbin:/usr/local/sbin")


def _module() -> Path | None:
    return next((module for module in MODULES if module.exists()), None)


def _debian_version(package: str) -> str:
    command = ["dpkg-query", "-W", "-f", "${Version}", package]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout or "unknown"
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
