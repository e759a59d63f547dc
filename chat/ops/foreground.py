"""Runs a command for a person at a terminal: Ctrl-C ends it, and us, in good order."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from types import FrameType

from chat.ops.child import watch

GRACE_SECONDS = 15.0
"""A node drains for at most 10 s, and the command that started it waits for that."""

POLL_SECONDS = 0.5


def run_in_foreground(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `command` to its end and return its exit code, 128 + n when signal n ended it.

    A terminal sends Ctrl-C to the command as well, so that it is only waited for; SIGTERM and SIGHUP come to us alone
    and are passed on. A second signal, or 15 s without an end, kills it. When we are killed, so is it.
    """
    stopping = _Stopping()
    before = {number: signal.signal(number, stopping) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        code = stopping.run(command, environment)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


class _Stopping:
    """Called for every signal that asks us to stop, from before the command is started."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._asked: list[int] = []

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        self._asked.append(number)
        if self._process is not None:
            self._pass_on(self._process)

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        process = subprocess.Popen(command, env=environment)
        watcher = watch(process.pid)
        try:
            self._process = process
            if self._asked:
                process.terminate()
            return self._wait(process)
        finally:
            watcher.kill()
            watcher.communicate()

    def _pass_on(self, process: subprocess.Popen[bytes]) -> None:
        if len(self._asked) > 1:
            process.kill()
        elif self._asked != [signal.SIGINT]:
            process.terminate()

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        waited_seconds = 0.0
        while waited_seconds < GRACE_SECONDS:
            try:
                return process.wait(POLL_SECONDS)
            except subprocess.TimeoutExpired:
                waited_seconds += POLL_SECONDS if self._asked else 0.0
        process.kill()
        return process.wait()
