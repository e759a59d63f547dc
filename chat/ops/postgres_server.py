"""A PostgreSQL of our own on a free port, for the tests: a cluster in a temporary folder that vanishes with it."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import psycopg

from chat.ops.child import Child
from chat.ops.ports import free_port
from chat.ops.problem import Problem

START_SECONDS = 60.0
USERS_WHEN_ROOT = ("postgres", "nobody")
"""PostgreSQL refuses to run as root."""

OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
"""Durability is what a cluster that lives for minutes does not need."""


class PostgresServer:
    """One PostgreSQL on 127.0.0.1: superuser `distchat`, no password, database `postgres`. Every method blocks."""

    def __init__(self, options: Sequence[str] = OPTIONS) -> None:
        self._options = options
        self._folder: Path | None = None
        self._child: Child | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"postgres://distchat@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        """Of the process that starts all others."""
        if self._child is None:
            raise RuntimeError("this PostgreSQL is not running")
        return self._child.pid

    def start(self) -> None:
        """Make a cluster and wait until it answers; raises Problem when PostgreSQL's programs are missing."""
        programs = postgres_programs()
        if programs is None:
            raise Problem("PostgreSQL's programs are not installed.", "install them (apt install postgresql).")
        user = _other_user()
        self._folder = Path(tempfile.mkdtemp(prefix="distchat-postgres-"))
        if user is not None:
            shutil.chown(self._folder, user)
        data = self._folder / "data"
        _initialise(programs / "initdb", data, user)
        settings = [part for option in self._options for part in ("-c", option)]
        address = ["-h", "127.0.0.1", "-p", str(self.port), "-k", str(self._folder)]
        command = [str(programs / "postgres"), "-D", str(data), *address, *settings]
        self._child = Child(command, log=self._folder / "postgres.log", user=user)
        self._wait_until_it_answers(self._child)

    def stop(self) -> None:
        """End it at once and remove the cluster."""
        if self._child is not None:
            self._child.stop(by=signal.SIGINT)
            self._child = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_it_answers(self, child: Child) -> None:
        deadline = time.monotonic() + START_SECONDS
        while child.is_running() and time.monotonic() < deadline:
            try:
                psycopg.connect(self.url, connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise Problem(f"PostgreSQL does not start on port {self.port}.", f"read {self._folder}/postgres.log.")


def postgres_programs() -> Path | None:
    """The folder with `initdb` and `postgres`: the newest of Debian's, else the one on PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("initdb")
    folders = [*debian, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _version(programs: Path) -> float:
    return float(programs.parent.name)


def _initialise(initdb: Path, data: Path, user: str | None) -> None:
    subprocess.run(
        [initdb, "-D", data, "-A", "trust", "-U", "distchat", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True,
        capture_output=True,
        timeout=START_SECONDS,
        cwd=data.parent,
        user=user,
        group=None if user is None else pwd.getpwnam(user).pw_gid,
        extra_groups=None if user is None else [],
    )


def _other_user() -> str | None:
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in USERS_WHEN_ROOT if name in known)
