"""The outbox: frames are gathered, shared and cut, and nothing is out of order."""

import asyncio

import orjson
import pytest

from chat.fanout.outbox import FRAME_BYTES, Outbox


class Sink:
    def __init__(self) -> None:
        self.pending: list[bytes] = []
        self.quiet_until = 0.0
        self.frames: list[bytes] = []

    def write(self, frame: bytes) -> None:
        self.frames.append(frame)


def numbers(sink: Sink) -> list[int]:
    return [number for frame in sink.frames for number in orjson.loads(frame)]


async def test_what_is_put_in_one_turn_of_the_loop_goes_in_one_frame():
    outbox, sink = Outbox(bytes), Sink()
    for number in range(5):
        outbox.put(sink, b"%d" % number)
    await asyncio.sleep(0.01)
    assert sink.frames == [b"[0,1,2,3,4]"]


async def test_the_next_frame_waits_for_its_pace():
    outbox, sink = Outbox(bytes, pace_seconds=3600), Sink()
    outbox.put(sink, b"1")
    await asyncio.sleep(0.01)
    outbox.put(sink, b"2")
    await asyncio.sleep(0.01)
    assert numbers(sink) == [1]
    outbox.flush_all()
    assert numbers(sink) == [1, 2]


async def test_a_connection_in_its_pause_holds_up_no_other():
    outbox, busy, idle = Outbox(bytes, pace_seconds=3600), Sink(), Sink()
    outbox.put(busy, b"1")
    await asyncio.sleep(0.01)
    outbox.put_all([busy, idle], b"2")
    await asyncio.sleep(0.01)
    assert (numbers(busy), numbers(idle)) == ([1], [2])
    outbox.close()


async def test_an_answer_goes_in_the_same_frame_as_the_message_that_woke_it():
    outbox, sink = Outbox(bytes, pace_seconds=3600), Sink()
    committed = asyncio.get_running_loop().create_future()

    async def answer() -> None:
        await committed
        outbox.put(sink, b'"ok"')

    waiting = asyncio.create_task(answer())
    await asyncio.sleep(0)
    outbox.put(sink, b'"message"')
    committed.set_result(None)
    await waiting
    await asyncio.sleep(0.01)
    assert sink.frames == [b'["message","ok"]']
    outbox.close()


async def test_what_waits_for_a_pause_is_written_when_it_ends():
    outbox, sink = Outbox(bytes, pace_seconds=0.02), Sink()
    for number in range(3):
        outbox.put(sink, b"%d" % number)
        await asyncio.sleep(0.005)
    while len(numbers(sink)) < 3:  # noqa: ASYNC110 - nothing tells when a pause ends
        await asyncio.sleep(0.005)
    assert numbers(sink) == [0, 1, 2]
    outbox.close()


async def test_shared_and_own_events_keep_their_order():
    outbox, one, two = Outbox(bytes), Sink(), Sink()
    outbox.put_all([one, two], b"1")
    outbox.put(one, b"10")
    outbox.put_all([one, two], b"2,3")
    outbox.flush()
    assert (numbers(one), numbers(two)) == ([1, 10, 2, 3], [1, 2, 3])


async def test_a_large_pile_is_cut_between_events():
    outbox, sink = Outbox(bytes), Sink()
    entry = b'"%s"' % (b"x" * (FRAME_BYTES // 3))
    for _ in range(7):
        outbox.put(sink, entry)
    outbox.flush()
    assert len(sink.frames) > 2
    assert max(map(len, sink.frames)) <= FRAME_BYTES + 2
    assert [text for frame in sink.frames for text in orjson.loads(frame)] == [orjson.loads(entry)] * 7


async def test_what_waits_for_one_can_be_written_before_it_is_closed():
    outbox, one, two = Outbox(bytes, pace_seconds=3600), Sink(), Sink()
    outbox.put_all([one, two], b"1")
    outbox.flush()
    outbox.put_all([one, two], b"2")
    outbox.flush_one(one)
    assert (numbers(one), numbers(two)) == ([1, 2], [1])
    outbox.flush_all()
    assert (numbers(one), numbers(two)) == ([1, 2], [1, 2])


async def test_nothing_is_written_to_a_connection_that_is_forgotten():
    outbox, sink = Outbox(bytes), Sink()
    outbox.put(sink, b"1")
    outbox.forget(sink)
    outbox.flush()
    assert sink.frames == []


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 200_000])
def test_a_prepared_frame_is_what_a_websocket_library_would_send(size: int):
    from websockets.frames import Frame, Opcode

    from chat.edge.socket import text_frame

    payload = b"x" * size
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)
