"""The demo as a film crew sees it: a process, its lines as they come, and whether its nodes answer."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Self

from chat.demo.language import TABLES, Language, text_of
from chat.demo.story import GOOD

ROOT = Path(__file__).parents[2]
SCENARIOS = ("consistency", "recovery", "devices", "assistant")
PLACES = re.compile(r"^\s+(server_\d): (http://\S+?)/?$")
WATCHER = re.compile(r"^\s+(watcher_\d)$")
WAIT_SECONDS = 180
END_SECONDS = 30


class Show:
    """`run_demo --keep` with a database and a Redis of its own; `lines` grows while it runs."""

    def __init__(self, folder: Path, language: Language) -> None:
        self.language = language
        self.lines: list[str] = []
        self._end = f"{GOOD} {TABLES[language]['all_passed'].partition('{')[0]}"
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "distchat_site.settings",
            "DATABASE_URL": f"sqlite:///{folder}/demo.sqlite3",
            "REDIS_URL": "",
            "DEBUG": "true",
            "PYTHONUNBUFFERED": "1",
        }
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        migrating = await self._start("migrate", "--verbosity", "0")
        assert await migrating.wait() == 0, "migrate failed"
        options = ("--keep", "--pause", "--base-port", "auto", "--language", self.language, "--scenario", *SCENARIOS)
        self._process = await self._start("run_demo", *options)
        self._reading = asyncio.create_task(self._read(self._process))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._reading is not None
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGINT)
        await asyncio.wait_for(self._process.wait(), END_SECONDS)
        await self._reading

    async def until(self, found: Callable[[list[str]], bool]) -> None:
        """Raises TimeoutError, and RuntimeError when the demo ends before."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not found(self.lines):
                if self._process is None or self._process.returncode is not None:
                    raise RuntimeError("\n".join(self.lines))
                await asyncio.sleep(0.05)

    def begin(self) -> None:
        """Press Enter."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")

    @property
    def passwords(self) -> list[str]:
        """The password, once for each time that it has been told: before the scenarios, and after them."""
        words = text_of(self.language, "keep_password", password="")
        return [line.removeprefix(words) for line in self.lines if line.startswith(words)]

    @property
    def story(self) -> list[str]:
        """The lines up to the summary; what follows is for whoever goes on watching."""
        last = next(number for number, line in enumerate(self.lines) if line.startswith(self._end))
        return self.lines[: last + 1]

    @property
    def watchers(self) -> dict[str, tuple[str, str]]:
        """Who can watch from which node: {"watcher_1": ("server_1", "http://localhost:…")}."""
        places = list(dict(found.groups() for line in self.lines if (found := PLACES.match(line))).items())
        users = sorted({found[1] for line in self.lines if (found := WATCHER.match(line))})
        return dict(zip(users, places, strict=True))

    async def _start(self, *words: str) -> asyncio.subprocess.Process:
        output = {
            "stdin": asyncio.subprocess.PIPE,
            "stdout": asyncio.subprocess.PIPE,
            "stderr": asyncio.subprocess.STDOUT,
        }
        command = [sys.executable, "manage.py", *words]
        return await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=self._environment, **output)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.lines.append(line.decode().rstrip("\n"))


async def answers(url: str) -> bool:
    """Whether something listens there now."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    try:
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, int(port)), 0.5)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True
