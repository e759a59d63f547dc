"""A command that is told to stop ends with a sentence, and with nothing left open behind it."""

import os
import signal
from collections.abc import Iterator

import pytest
from django.core.management.base import CommandError

from chat.ops.one_sentence import one_sentence


def test_what_was_being_read_is_closed_before_the_command_ends():
    happened = []

    def rows() -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            happened.append("closed")

    def read() -> None:
        found = rows()
        for _ in found:
            os.kill(os.getpid(), signal.SIGTERM)

    with (
        pytest.raises(CommandError, match=r"^Stopped\. No file was written\.$") as caught,
        one_sentence("No file was written."),
    ):
        read()
    happened.append("ended")

    assert caught.value.returncode == 128 + signal.SIGTERM
    assert happened == ["closed", "ended"]
