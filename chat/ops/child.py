"""A server process that ends when we end, however we end."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from pwd import getpwnam

STOP_SECONDS = 10.0
KILL_WHEN_STDIN_CLOSES = 'read -r _; kill -9 "$0" 2>/dev/null'


class Child:
    """A running program in its own process group, so that Ctrl-C reaches it only through us.

    A small shell waits on a pipe that only we hold: when we die, even by SIGKILL, the pipe closes and the shell
    kills the program. PR_SET_PDEATHSIG needs no shell, but it fires when the *thread* that started the program ends.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        group = None if user is None else getpwnam(user).pw_gid
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                user=user,
                group=group,
                extra_groups=None if user is None else [],
                cwd=log.parent,
                start_new_session=True,
            )
        self._watcher: subprocess.Popen[bytes] | None = watch(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_running(self) -> bool:
        return self._process.poll() is None

    def stop(self, *, by: signal.Signals = signal.SIGTERM) -> None:
        """Ask it to end by the signal `by`, insist with SIGKILL after 10 s, and wait for it."""
        self._process.send_signal(signal.SIGCONT)
        self._process.send_signal(by)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_SECONDS)
        self._dismiss_watcher()

    def kill(self) -> None:
        """End it at once, as `kill -9` does."""
        self._process.kill()
        self._process.wait(STOP_SECONDS)
        self._dismiss_watcher()

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def release(self) -> None:
        """Let it outlive us."""
        self._dismiss_watcher()
        self._process.returncode = 0  # no "subprocess is still running" warning for a process that we gave away

    def _dismiss_watcher(self) -> None:
        if self._watcher is None:
            return
        self._watcher.kill()
        self._watcher.wait(STOP_SECONDS)
        assert self._watcher.stdin is not None
        self._watcher.stdin.close()
        self._watcher = None


def watch(pid: int) -> subprocess.Popen[bytes]:
    """Start the shell that kills `pid` when this process is gone."""
    return subprocess.Popen(
        ["/bin/sh", "-c", KILL_WHEN_STDIN_CLOSES, str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
