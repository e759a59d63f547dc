"""The Redis of this checkout: `python -m chat.ops.local_redis run -- COMMAND` gives COMMAND a REDIS_URL.

REDIS_URL of the environment or of `.env` is used as it is, once it is known to have the modules. Otherwise a Redis is
started in `var/redis/`, or the one of another run of this checkout is shared; the last run that uses it stops it.
"""

import argparse
import fcntl
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import environ
import redis

from chat.ops.foreground import run_in_foreground
from chat.ops.problem import Problem
from chat.ops.redis_probe import probe, require_modules
from chat.ops.redis_server import VAR, RedisServer

STOP_SECONDS = 10.0


class LocalRedis:
    """Maps `directory` to at most one live Redis: `server.json` names its pid and port, its users lock `in_use`."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._state = directory / "server.json"
        self._in_use: IO[str] | None = None
        self._started: RedisServer | None = None

    def enter(self) -> str:
        """Start or share it; returns its URL. Raises Problem."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self._in_use = (self._directory / "in_use").open("a")
            fcntl.flock(self._in_use, fcntl.LOCK_SH)
            return self._running_url() or self._start()

    def leave(self, *, keep: bool = False) -> None:
        """Stop it, unless it is to be kept or another run still uses it."""
        if self._in_use is None:
            return
        with self._alone(), self._in_use:
            if keep or not self._is_last_user(self._in_use):
                self._hand_over()
            else:
                self.stop()
        self._in_use = None

    def stop(self) -> None:
        """End it, whoever started it."""
        if self._started is not None:
            self._started.stop()
            self._started = None
        elif url := self._running_url():
            _end(self._recorded()[0], url)
        self._state.unlink(missing_ok=True)

    def _start(self) -> str:
        server = RedisServer(self._directory)
        server.start()
        self._started = server
        self._state.write_text(json.dumps({"pid": server.pid, "port": server.port}))
        return server.url

    def _hand_over(self) -> None:
        if self._started is not None:
            self._started.release()
            self._started = None

    def _running_url(self) -> str | None:
        pid, port = self._recorded()
        url = f"redis://127.0.0.1:{port}/0"
        try:
            return url if port and probe(url).pid == pid else None
        except redis.RedisError:
            return None

    def _recorded(self) -> tuple[int, int]:
        try:
            state = json.loads(self._state.read_text())
            return int(state["pid"]), int(state["port"])
        except (OSError, ValueError, KeyError):
            return 0, 0

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with (self._directory / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _is_last_user(self, in_use: IO[str]) -> bool:
        try:
            fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def redis_for_a_command(*, keep: bool, var: Path = VAR) -> Iterator[str]:
    """REDIS_URL when it is set and capable, else the Redis of this checkout for as long as the block runs."""
    if given := os.environ.get("REDIS_URL", ""):
        require_modules(given.split(",")[0])
        yield given
        return
    local = LocalRedis(var / "redis")
    ended_well = False
    try:
        yield local.enter()
        ended_well = True
    finally:
        local.leave(keep=keep and ended_well)


def _end(pid: int, url: str) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            probe(url)
        except redis.RedisError:
            return
        time.sleep(0.05)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m chat.ops.local_redis", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    run = actions.add_parser("run", help="run a command with REDIS_URL set")
    run.add_argument("--keep", action="store_true", help="leave Redis running when the command has succeeded")
    run.add_argument("command", nargs=argparse.REMAINDER)
    actions.add_parser("stop", help="stop the Redis that an earlier run has kept")
    options = parser.parse_args(arguments)
    environ.Env.read_env(VAR.parent / ".env")
    try:
        return _run(options.command, keep=options.keep) if options.action == "run" else _stop()
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _run(command: list[str], *, keep: bool) -> int:
    words = command[1:] if command[:1] == ["--"] else command
    result = 1
    try:
        with redis_for_a_command(keep=keep) as url:
            result = run_in_foreground(words, {**os.environ, "REDIS_URL": url})
            if result:
                raise _Failed
    except _Failed:
        return result
    return result


class _Failed(Exception):
    """The command failed: nothing that we started for it stays."""


def _stop() -> int:
    LocalRedis(VAR / "redis").stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
