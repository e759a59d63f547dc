"""A database backend that waits its turn with `flock` before each transaction.

SQLite's busy handler sleeps (1, 2, 5 … 100 ms) and tries again, so that under load a process waits mostly for nothing,
and the unlucky one for seconds. Here the kernel wakes the next writer at once. The lock of SQLite itself stays what
keeps the data right: a program that does not take part in the queue is only less polite.
"""

import fcntl
import os
from typing import Any

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """One open file for each connection: threads of one process queue like processes do."""

    _queue: int | None = None

    @property
    def queries_logged(self) -> bool:
        """Only when a test asks: in development Django keeps every query, which costs a node more than the query."""
        return self.force_debug_cursor

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not self.is_in_memory_db():
            path = f"{conn_params['database']}-queue".removeprefix("file:")
            self._queue = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return super().get_new_connection(conn_params)

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()
        finally:
            if self.connection is None or not self.connection.in_transaction:
                self._end_turn()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()
        finally:
            self._end_turn()

    def _close(self) -> Any:
        try:
            return super()._close()
        finally:
            if self._queue is not None:
                os.close(self._queue)  # which ends the turn, if there is one
                self._queue = None

    def _take_turn(self) -> None:
        if self._queue is not None:
            fcntl.flock(self._queue, fcntl.LOCK_EX)

    def _end_turn(self) -> None:
        if self._queue is not None:
            fcntl.flock(self._queue, fcntl.LOCK_UN)
