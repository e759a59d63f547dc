"""How a command that tells a story lives in a terminal: signals end it in good order, its log stays out of the way."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType


@contextmanager
def signals_that_end() -> Iterator[list[int]]:
    """SIGTERM and SIGHUP end this process in the way of Ctrl-C; yields those that came."""
    caught: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        caught.append(number)
        signal.raise_signal(signal.SIGINT)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def own_log(path: Path) -> Iterator[None]:
    """What the libraries of this process have to say goes to this file instead of into the story."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, [logging.FileHandler(path, encoding="utf-8")]
    root.handlers[0].setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    try:
        yield
    finally:
        root.handlers[0].close()
        root.handlers = before
