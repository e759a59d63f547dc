"""A device counts every message once, however the stream is cut into chunks."""

import asyncio

import pytest

from benchmarks.driver.device import Device
from benchmarks.driver.seat import Seat
from benchmarks.driver.tally import Tally
from benchmarks.driver.wording import masked, text_of

OK = b'{"type":"ok","ref":1}'
STREAM = b"".join(
    b'[{"type":"message","text":"%s"}]%s' % (text_of(sender, number, 0, 100).encode(), OK)
    for number in range(1, 6)
    for sender in (3, 4)
)


class Wire(asyncio.Transport):
    def __init__(self):
        super().__init__()
        self.written = []

    def write(self, data):
        self.written.append(bytes(data))

    def is_closing(self):
        return False


def seated(*, is_sender, is_watched, is_open=False):
    tally = Tally()
    seat = Seat(
        index=3,
        node=0,
        ports=[9000],
        path="/",
        post="{text}",
        ping="2",
        pong="3",
        is_sender=is_sender,
        is_watched=is_watched,
        audience=4,
    )
    device = Device(seat, tally, 3, lambda: is_open)
    wire = Wire()
    device.connection_made(wire)
    device.data_received(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
    wire.written.clear()
    return device, tally, wire


def opened(frame):
    """The payload of a short masked frame."""
    return masked(frame[6:], frame[2:6])


async def fed(chunk, **kind):
    device, tally, _ = seated(**kind)
    for start in range(0, len(STREAM), chunk):
        device.data_received(STREAM[start : start + chunk])
    return device, tally


@pytest.mark.parametrize("chunk", [1, 2, 7, 36, 37, 38, 100, 10_000])
async def test_a_silent_device_counts_every_message_once(chunk):
    _, tally = await fed(chunk, is_sender=False, is_watched=False)

    assert tally.delivered == 10


@pytest.mark.parametrize("chunk", [1, 2, 7, 36, 37, 38, 100, 10_000])
async def test_a_watched_sender_counts_messages_answers_latencies_and_order_once(chunk):
    device, tally = await fed(chunk, is_sender=True, is_watched=True)

    assert (tally.delivered, tally.acknowledged) == (10, 10)
    assert (sum(tally.local.values()), sum(tally.remote.values())) == (5, 5)  # sender 3 sits on this node, 4 does not
    assert (device.order.missing, device.order.doubled) == (0, 0)


async def test_a_hole_in_the_stream_is_missing():
    device, _, _ = seated(is_sender=False, is_watched=True)

    device.data_received(text_of(4, 1, 0, 100).encode() + text_of(4, 3, 0, 100).encode())

    assert device.order.missing == 1


async def test_a_sender_replaces_each_message_that_it_sees_again():
    device, tally, wire = seated(is_sender=True, is_watched=False, is_open=True)
    device.window = 2
    device.post(2)

    device.data_received(STREAM)

    assert (tally.sent, device.sent) == (7, 7)  # two, and one for each of its five echoes
    assert tally.expected == 28
    assert len(wire.written) == 2


async def test_a_sender_says_nothing_more_when_the_time_is_over():
    device, tally, _ = seated(is_sender=True, is_watched=False, is_open=False)
    device.window = 2
    device.post(2)

    device.data_received(STREAM)

    assert tally.sent == 2


async def test_a_ping_is_answered():
    device, _, wire = seated(is_sender=False, is_watched=False)

    device.data_received(b"\x89\x04abcd")

    assert len(wire.written) == 1
    assert wire.written[0][:2] == b"\x8a\x84"


async def test_a_ping_in_a_text_frame_is_answered():
    device, _, wire = seated(is_sender=False, is_watched=False)

    device.data_received(b"\x81\x012")

    assert [opened(frame) for frame in wire.written] == [b"3"]


async def test_a_refused_handshake_is_reported():
    device, _, _ = seated(is_sender=False, is_watched=False)
    other = Device(device.seat, Tally(), 3, lambda: False)
    other.connection_made(Wire())

    other.data_received(b"HTTP/1.1 403 Forbidden\r\n\r\n")

    with pytest.raises(ConnectionError, match="403"):
        await other.ready
