"""A database backend whose writers queue with `flock` before each transaction.

SQLite's busy handler sleeps (1, 2, 5 … 100 ms) and tries again, so that under load a process waits mostly for nothing,
and the unlucky one for seconds. Here writers pass a turnstile: whoever holds `door` is next for `desk`, so nobody who
has just written gets in front of those who wait. The lock of SQLite itself stays what keeps the data right; a program
that does not queue is only less polite. The kernel releases both locks when a process dies.
"""

import fcntl
import os
import time
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

WAIT_SECONDS = 5.0
"""As long as SQLite's own time-out: a process stopped inside a transaction must not stop all others for good."""
FIRST_PAUSE_SECONDS = 0.0001
LONGEST_PAUSE_SECONDS = 0.002


class DatabaseWrapper(base.DatabaseWrapper):
    """Files of its own for each connection: threads of one process queue like processes do."""

    _door: int | None = None
    _desk: int | None = None

    @property
    def queries_logged(self) -> bool:
        """Only when a test asks: in development Django keeps every query, which costs a node more than the query."""
        return self.force_debug_cursor

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not self.is_in_memory_db():
            self._door = _lock_file(conn_params, "door")
            self._desk = _lock_file(conn_params, "desk")
        return super().get_new_connection(conn_params)

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # not in the stubs
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()  # type: ignore[misc]  # not in the stubs
        finally:
            if self.connection is None or not self.connection.in_transaction:
                self._end_turn()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()  # type: ignore[misc]  # not in the stubs
        finally:
            self._end_turn()

    def _close(self) -> Any:
        try:
            return super()._close()  # type: ignore[misc]  # not in the stubs
        finally:
            for file in (self._door, self._desk):
                if file is not None:
                    os.close(file)  # which ends the turn, if there is one
            self._door = self._desk = None

    def _take_turn(self) -> None:
        if self._door is None or self._desk is None:
            return
        until = time.monotonic() + WAIT_SECONDS
        _lock(self._door, until)
        try:
            _lock(self._desk, until)
        finally:
            fcntl.flock(self._door, fcntl.LOCK_UN)

    def _end_turn(self) -> None:
        if self._desk is not None:
            fcntl.flock(self._desk, fcntl.LOCK_UN)


def _lock_file(conn_params: dict[str, Any], name: str) -> int:
    path = f"{conn_params['database']}-{name}".removeprefix("file:")
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _lock(file: int, until: float) -> None:
    """Wait for the lock, in ever longer short pauses: `flock` knows no time-out."""
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise OperationalError("database is locked") from None
            time.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)
        else:
            return
