"""A Redis of our own on a free port, for the demo, the fault drills and the tests."""

import signal
import time
from pathlib import Path
from shutil import rmtree
from typing import Self

import redis

from chat.ops.child import Child
from chat.ops.ports import free_port
from chat.ops.problem import Problem
from chat.ops.redis_probe import probe
from chat.ops.redis_program import RedisProgram, find_redis

VAR = Path(__file__).resolve().parent.parent.parent / "var"
START_SECONDS = 30.0
PORTS_TO_TRY = 3


class RedisServer:
    """One Redis process: 127.0.0.1 only, append-only file every second, no eviction, data in `directory`.

    Not thread-safe; every method blocks, for at most half a minute.
    """

    def __init__(self, directory: Path, *, port: int | None = None, program: RedisProgram | None = None) -> None:
        self._directory = directory.resolve()
        self._program = program
        self._wanted_port = port
        self._child: Child | None = None
        self.port = port or free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def log(self) -> Path:
        return self._directory / "redis.log"

    def start(self) -> None:
        """Start it on its port and wait until it answers; the data of an earlier run are kept. Raises Problem."""
        self._directory.mkdir(parents=True, exist_ok=True)
        self._program = self._program or find_redis(VAR)
        for _ in range(PORTS_TO_TRY):
            if self._try_to_start(self._program):
                return
            if self._wanted_port is None:
                self.port = free_port()
        raise Problem(f"Redis does not start on port {self.port}.", f"read the end of {self.log}.")

    def stop(self) -> None:
        """End it in good order; does nothing when it is not running."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    def kill(self) -> None:
        """`kill -9`; `start` brings it back on the same port with what its append-only file holds."""
        self._running().kill()
        self._child = None
        self._wanted_port = self.port

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self._running().signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._running().signal(signal.SIGCONT)

    def restart_empty(self) -> None:
        """`kill -9`, lose every byte, and start on the same port."""
        if self._child is not None:
            self.kill()
        rmtree(self._directory / "appendonlydir", ignore_errors=True)
        (self._directory / "dump.rdb").unlink(missing_ok=True)
        self.start()

    def release(self) -> None:
        """Let it outlive this process."""
        self._running().release()
        self._child = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _running(self) -> Child:
        if self._child is None:
            raise RuntimeError("this Redis is not running")
        return self._child

    def _try_to_start(self, program: RedisProgram) -> bool:
        self._child = Child([*program.command(), *self._options()], log=self.log, environment=program.environment())
        try:
            if self._wait_until_it_answers(self._child):
                return True
        except BaseException:
            self._end_attempt()
            raise
        self._end_attempt()
        return False

    def _end_attempt(self) -> None:
        self._running().kill()
        self._child = None

    def _wait_until_it_answers(self, child: Child) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while child.is_running() and time.monotonic() < deadline:
            try:
                found = probe(self.url)
            except redis.RedisError:
                found = None
            if found and not (found.pid == child.pid and found.is_loading):
                return found.pid == child.pid
            time.sleep(0.02)
        return False

    def _options(self) -> list[str]:
        options = {
            "port": str(self.port),
            "bind": "127.0.0.1",
            "protected-mode": "yes",
            "dir": str(self._directory),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [part for name, value in options.items() for part in (f"--{name}", value)]
