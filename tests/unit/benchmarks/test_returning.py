"""A device that comes back says what it has, and counts what it missed and what it got twice."""

import pytest
from websockets.frames import Frame, Opcode

from benchmarks.driver.returning import ReturningDevice
from benchmarks.driver.seat import Seat
from benchmarks.driver.tally import Tally
from benchmarks.driver.wording import text_of
from tests.unit.benchmarks.test_device import Wire, opened

HEAD = b"HTTP/1.1 101 Switching Protocols\r\n\r\n"


def seated(**speech):
    usual = {"index": 1, "node": 0, "ports": [9000], "path": "/", "post": "{text}", "is_sender": False}
    device = ReturningDevice(Seat(**{**usual, **speech}, is_watched=True), Tally(), 3, lambda: False)
    wire = Wire()
    device.connection_made(wire)
    return device, wire


def frame(text):
    return Frame(Opcode.TEXT, text.encode()).serialize(mask=False)


STREAM = HEAD + b"".join(frame(f"[{text_of(4, number, 0, 100)},{number}-0]") for number in (1, 2, 4, 4))


@pytest.mark.parametrize("chunk", [1, 3, 37, 10_000])
async def test_every_message_is_judged_once_however_the_stream_is_cut(chunk):
    device, _ = seated()
    for start in range(0, len(STREAM), chunk):
        device.data_received(STREAM[start : start + chunk])

    assert (device.order.missing, device.order.doubled) == (1, 1)
    assert device.order.lost({4: 5}) == 2


async def test_it_says_hello_again_with_what_it_noted_last():
    device, _ = seated(hello="hello", marks={"offset": r",(\d+-0)\]"}, hello_again='{"offset":"{offset}"}')
    device.data_received(STREAM)
    wire = Wire()

    device.connection_made(wire)
    device.data_received(HEAD)

    assert opened(wire.written[-1]) == b'{"offset":"4-0"}'


async def test_half_a_message_is_no_reason_to_say_that_one_has_it():
    device, _ = seated(marks={"offset": r",(\d+-0)"}, path="/room", path_again="/room?after={offset}")
    whole = frame(text_of(4, 2, 0, 100) + ",2-0 and more")
    device.data_received(HEAD + frame("x,1-0") + whole[:-3])
    wire = Wire()

    device.connection_made(wire)

    assert wire.written[0].startswith(b"GET /room?after=1-0 ")


async def test_without_a_note_it_comes_back_as_a_stranger():
    device, _ = seated(hello="hello", marks={"offset": r",(\d+-0)\]"}, hello_again='{"offset":"{offset}"}')
    wire = Wire()

    device.connection_made(wire)
    device.data_received(HEAD)

    assert opened(wire.written[-1]) == b"hello"
