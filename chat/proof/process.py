"""One node as an operating system process: start, readiness, signals, and what it costs."""

import asyncio
import ctypes
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

PROBE_SECONDS = 2.0
POLL_SECONDS = 0.05
TERMINATE_SECONDS = 15.0
KILL_SECONDS = 10.0
LOG_LINES = 25
PR_SET_PDEATHSIG = 1  # prctl(2)


class StartFailed(RuntimeError):
    """A node did not come up; the text says why and shows the end of its log."""


class Exit(NamedTuple):
    """How a node ended: its exit code (negative: the signal), and the time from SIGTERM on."""

    code: int
    seconds: float


class NodeProcess:
    """A process that answers on `host:port`; it dies with the thread that launched it (Linux)."""

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        directory: Path,
    ) -> None:
        self.name = name
        self.host = host
        self.port = port
        self.log = log
        self._command = command
        self._environment = environment
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None

    @property
    def is_running(self) -> bool:
        """Whether the process has been launched and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Its process id; 0 before the launch."""
        return self._process.pid if self._process else 0

    async def launch(self) -> None:
        """Start the process, in a session of its own, with its output appended to its log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self._directory,
                env=dict(self._environment),
                start_new_session=True,
                preexec_fn=_tether() if sys.platform == "linux" else None,
            )

    async def wait_until_ready(self, timeout_seconds: float) -> None:
        """Return when /readyz says 200 (or does not exist and the port answers). Raises StartFailed."""
        status = 0
        try:
            async with asyncio.timeout(timeout_seconds):
                while self.is_running:
                    status = await self._readiness()
                    if status in (200, 404):
                        return
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            said = f"/readyz says {status}" if status else "it does not answer"
            reason = f"{self.name} is not ready after {timeout_seconds:g} s: {said}"
        else:
            reason = f"{self.name} ended at its start with code {self._process and self._process.returncode}"
        raise StartFailed(f"{reason}. The end of {self.log}:\n{self.log_tail()}")

    async def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        self._signal(signal.SIGKILL)
        await self._ended(KILL_SECONDS)

    async def terminate(self, timeout_seconds: float = TERMINATE_SECONDS) -> Exit:
        """SIGTERM, and wait for the end; after `timeout_seconds` SIGKILL (exit code -9)."""
        began = time.monotonic()
        self._signal(signal.SIGTERM)
        try:
            await self._ended(timeout_seconds)
        except TimeoutError:
            await self.kill()
        assert self._process is not None
        return Exit(self._process.returncode or 0, time.monotonic() - began)

    def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def rss_bytes(self) -> int:
        """Resident memory now (/proc/<pid>/statm); 0 when it does not run."""
        fields = self._proc("statm").split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if fields else 0

    def open_files(self) -> int:
        """File descriptors now (/proc/<pid>/fd); 0 when it does not run."""
        folder = Path("/proc", str(self.pid), "fd")
        return len(list(folder.iterdir())) if self.is_running and folder.exists() else 0

    def cpu_seconds(self) -> float:
        """User and system time since its start (/proc/<pid>/stat, fields 14 and 15); 0 when it does not run."""
        fields = self._proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0

    def log_tail(self, lines: int = LOG_LINES) -> str:
        """The last lines of its log."""
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    async def report(self, path: str) -> dict[str, Any]:
        """What /healthz or /readyz says, as a JSON object; {} when nothing answers within two seconds."""
        _, body = await self._get(path)
        try:
            said = json.loads(body or b"{}")
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}

    async def _readiness(self) -> int:
        """The status of /readyz; 0 when nothing answers."""
        return (await self._get("/readyz"))[0]

    async def _get(self, path: str) -> tuple[int, bytes]:
        """(status, body); (0, b"") when nothing answers."""
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                reader, writer = await asyncio.open_connection(self.host, self.port)
                try:
                    host = f"{self.host}:{self.port}"
                    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                    answer = await reader.read()
                finally:
                    writer.close()
        except (OSError, TimeoutError):
            return 0, b""
        head, _, body = answer.partition(b"\r\n\r\n")
        words = head.split(maxsplit=2)
        return (int(words[1]), body) if len(words) > 1 and words[1].isdigit() else (0, b"")

    async def _ended(self, timeout_seconds: float) -> None:
        assert self._process is not None
        async with asyncio.timeout(timeout_seconds):
            await self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        if self.is_running:
            with suppress(ProcessLookupError):  # it ended by itself, and this loop has not been told yet
                os.killpg(self.pid, number)

    def _proc(self, file: str) -> str:
        path = Path("/proc", str(self.pid), file)
        return path.read_text() if self.is_running and path.exists() else ""


def _tether() -> Callable[[], None]:
    """What the child runs before the program: the kernel kills it when its parent dies, and it checks once itself."""
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie
