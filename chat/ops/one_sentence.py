"""How commands end that did not succeed: with one sentence for a person and an exit code, never with a traceback."""

import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError

from chat.ops.problem import Problem

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(BaseException):
    """SIGTERM or Ctrl-C has come: unwind, so that nothing unfinished stays. `code` is what a shell reports."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.code = 128 + number


@contextmanager
def one_sentence(stopped: str) -> Iterator[None]:
    """`stopped` says what holds when somebody interrupts the block. Raises CommandError."""
    is_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, _stop) for number in SIGNALS if is_main}
    try:
        yield
    except Problem as problem:
        raise CommandError(str(problem)) from problem
    except Stopped as end:
        traceback.clear_frames(end.__traceback__)  # what still reads is closed before the database is
        raise CommandError(f"Stopped. {stopped}", returncode=end.code) from end
    except (DatabaseError, InterfaceError) as error:
        what = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise CommandError(f"The database cannot do it: {what}. Next: ./manage.py doctor") from error
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, _: Any) -> None:
    raise Stopped(number)
