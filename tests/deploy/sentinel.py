"""Three Redis servers, three Sentinels and HAProxy: the files of deploy/redis_sentinel on ports of this machine."""

import os
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import redis

from chat.ops.child import Child
from chat.ops.ports import free_port
from chat.ops.redis_program import find_redis
from chat.ops.redis_server import VAR
from tests.deploy.compose import DEPLOY

FILES = DEPLOY / "redis_sentinel"
PASSWORD = "a-password-of-the-trial"
MISSING = "NOT TESTED WITH REDIS SENTINEL: HAProxy is not installed (apt install haproxy)"
SECONDS = 30
COUNT = 3


def haproxy() -> str | None:
    return shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


class SentinelGroup:
    """`with SentinelGroup(folder) as group:`; the nodes' REDIS_URL is `url`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = [free_port() for _ in range(COUNT)]
        self.sentinel_ports = [free_port() for _ in range(COUNT)]
        self.port = free_port()
        self.servers: list[Child] = []
        self._program = find_redis(VAR)
        self._open = ExitStack()

    @property
    def url(self) -> str:
        return f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"

    def master_port(self) -> int:
        """Who the Sentinels say is the master."""
        with redis.Redis(port=self.sentinel_ports[0], socket_timeout=2) as sentinel:
            _, port = sentinel.sentinel_get_master_addr_by_name("distchat")
            return int(port)

    def kill_master(self) -> int:
        """`kill -9`; returns its port."""
        port = self.master_port()
        self.servers[self.ports.index(port)].kill()
        return port

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for number, port in enumerate(self.ports):
                self.servers.append(self._start(stack, f"redis{number + 1}", self._redis(number), port))
            for number, port in enumerate(self.sentinel_ports):
                self._start(stack, f"sentinel{number + 1}", self._sentinel(number), port, "--sentinel")
            self._start_haproxy(stack)
            _until(self._is_whole, "the Sentinels do not know each other")
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _start(self, stack: ExitStack, name: str, text: str, port: int, *words: str) -> Child:
        folder = self.folder / name
        folder.mkdir()
        (folder / "redis.conf").write_text(f"{text}\ndir {folder}\n")
        _server, *modules = self._program.command()
        command = [str(self._program.server), str(folder / "redis.conf"), *(words or modules)]
        child = Child(command, log=folder / "log", environment=self._program.environment())
        stack.callback(child.stop)
        _until(lambda: _answers(port, None if words else PASSWORD), f"{name} does not answer: see {folder}/log")
        return child

    def _redis(self, number: int) -> str:
        text = _changed("redis.conf", {"port 6379": f"port {self.ports[number]}", "bind 10.0.0.11": "bind 127.0.0.1"})
        if number:
            text = text.replace("# replicaof 10.0.0.11 6379", f"replicaof 127.0.0.1 {self.ports[0]}")
        return text

    def _sentinel(self, number: int) -> str:
        ports = {"port 26379": f"port {self.sentinel_ports[number]}", "10.0.0.11 6379": f"127.0.0.1 {self.ports[0]}"}
        return _changed("sentinel.conf", {**ports, "bind 10.0.0.11": "bind 127.0.0.1"})

    def _start_haproxy(self, stack: ExitStack) -> None:
        places = {f"10.0.0.1{number + 1}:6379": f"127.0.0.1:{port}" for number, port in enumerate(self.ports)}
        file = self.folder / "haproxy.cfg"
        file.write_text(_changed("haproxy.cfg", {"127.0.0.1:6380": f"127.0.0.1:{self.port}", **places}))
        program = haproxy()
        assert program
        stack.callback(Child([program, "-db", "-f", str(file)], log=self.folder / "haproxy.log").stop)
        _until(lambda: _answers(self.port, PASSWORD), "HAProxy finds no master")

    def _is_whole(self) -> bool:
        with redis.Redis(port=self.sentinel_ports[0], socket_timeout=2) as sentinel:
            state = sentinel.sentinel_master("distchat")
        return (state["num-other-sentinels"], state["num-slaves"]) == (COUNT - 1, COUNT - 1)


def _changed(name: str, changes: dict[str, str]) -> str:
    text = (FILES / name).read_text().replace("change-me", PASSWORD)
    for here, there in changes.items():
        assert here in text, here
        text = text.replace(here, there)
    return text


def _answers(port: int, password: str | None) -> bool:
    try:
        with redis.Redis(port=port, password=password, socket_timeout=1) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _until(predicate: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not predicate():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)
