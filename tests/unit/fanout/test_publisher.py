"""Publisher: gathers while a pipeline is in flight, keeps the order, and stands in nobody's way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from chat.fanout.publisher import BATCH_ITEMS, ITEM_OVERHEAD_BYTES, GroupSender, Publisher
from chat.ops.redis_server import RedisServer
from tests.unit.fanout.conftest import LayerMaker
from tests.unit.fanout.network import eventually

Message = dict[str, Any]


class DoorLayer:
    """A channel layer that takes one batch for each time its door is opened."""

    def __init__(self, *, opened: int = 1_000) -> None:
        self.batches: list[list[tuple[str, Message]]] = []
        self.door = asyncio.Semaphore(opened)
        self.fails: list[int | Exception] = []

    async def group_send(self, group: str, message: Message) -> None:
        await self.group_send_many([(group, message)])

    async def group_send_many(self, items: Sequence[tuple[str, Message]]) -> int:
        self.batches.append(list(items))
        await self.door.acquire()
        outcome = self.fails.pop(0) if self.fails else 0
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    @property
    def numbers(self) -> list[list[int]]:
        return [[message["number"] for _, message in batch] for batch in self.batches]


StartPublisher = Callable[..., Publisher]


@pytest.fixture
async def start_publisher() -> AsyncIterator[StartPublisher]:
    started: list[Publisher] = []

    def start(layer: GroupSender, **kwargs: int) -> Publisher:
        started.append(Publisher(layer, **kwargs))
        started[-1].start()
        return started[-1]

    yield start
    for publisher in started:
        await publisher.stop()


async def test_what_comes_while_a_batch_is_in_flight_goes_together_and_in_order(
    start_publisher: StartPublisher,
) -> None:
    layer = DoorLayer(opened=0)
    publisher = start_publisher(layer)
    publisher.publish("a", {"number": 0})
    await eventually(lambda: layer.batches)
    for number in range(1, 5):
        publisher.publish("ab"[number % 2], {"number": number})
    layer.door.release()
    layer.door.release()
    assert await publisher.drain(5)
    assert layer.numbers == [[0], [1, 2, 3, 4]]
    assert [group for group, _ in layer.batches[1]] == ["b", "a", "b", "a"]
    assert (publisher.published, publisher.failed, publisher.dropped, publisher.pending_bytes) == (5, 0, 0, 0)


async def test_a_batch_is_bounded_in_items_and_in_bytes(start_publisher: StartPublisher) -> None:
    layer = DoorLayer()
    publisher = start_publisher(layer)
    for number in range(BATCH_ITEMS + 1):
        publisher.publish("a", {"number": number})
    for number in range(3):
        publisher.publish("a", {"number": number, "body": b"x" * 600_000})
    assert await publisher.drain(5)
    assert [len(batch) for batch in layer.batches] == [BATCH_ITEMS, 3, 1]


async def test_beyond_its_bytes_the_oldest_are_dropped_and_counted(start_publisher: StartPublisher) -> None:
    layer = DoorLayer(opened=0)
    publisher = start_publisher(layer, max_bytes=10_000)
    publisher.publish("a", {"number": 0})
    await eventually(lambda: layer.batches)
    for number in range(1, 31):
        publisher.publish("a", {"number": number, "body": "x" * 900})
        assert publisher.pending_bytes <= 10_000
    layer.door.release()
    layer.door.release()
    assert await publisher.drain(5)
    kept = layer.numbers[1]
    assert kept == list(range(31 - len(kept), 31))
    assert (publisher.published, publisher.dropped) == (1 + len(kept), 30 - len(kept))
    assert len(kept) == 10_000 // (900 + 8 + 2 * 16 + ITEM_OVERHEAD_BYTES)


async def test_failures_are_counted_and_the_next_batch_goes_out(
    start_publisher: StartPublisher, caplog: pytest.LogCaptureFixture
) -> None:
    layer = DoorLayer()
    layer.fails = [ValueError("broken"), 1]
    publisher = start_publisher(layer)
    errors = []
    for number in range(3):
        publisher.publish("a", {"number": number})
        assert await publisher.drain(5)
        errors.append(publisher.last_error)
    assert layer.numbers == [[0], [1], [2]]
    assert (publisher.published, publisher.failed) == (1, 2)
    assert errors[:2] == ["ValueError broken", "1 of 1 were not taken by the channel layer"]
    assert "publishing failed" in caplog.text


async def test_drain_says_when_the_time_was_too_short(start_publisher: StartPublisher) -> None:
    layer = DoorLayer(opened=0)
    publisher = start_publisher(layer)
    assert await publisher.drain(0.01) is True
    publisher.publish("a", {"number": 0})
    assert await publisher.drain(0.01) is False
    layer.door.release()
    assert await publisher.drain(5) is True


async def test_what_came_before_start_and_after_stop_waits_and_no_task_is_left() -> None:
    before = asyncio.all_tasks()
    layer = DoorLayer()
    publisher = Publisher(layer)
    publisher.publish("a", {"number": 0})
    publisher.start()
    assert await publisher.drain(5)
    await publisher.stop()
    assert asyncio.all_tasks() == before
    publisher.publish("a", {"number": 1})
    publisher.start()
    assert await publisher.drain(5)
    await publisher.stop()
    assert layer.numbers == [[0], [1]]


async def test_it_works_over_the_layer_of_channels_in_memory(start_publisher: StartPublisher) -> None:
    layer = InMemoryChannelLayer()
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    publisher = start_publisher(layer)
    for number in range(3):
        publisher.publish("room", {"number": number})
    publisher.publish("no such group", {"number": 3})
    assert await publisher.drain(5)
    assert [await layer.receive(channel) for _ in range(3)] == [{"number": number} for number in range(3)]
    assert (publisher.published, publisher.failed) == (3, 1)
    assert publisher.last_error is not None
    assert publisher.last_error.startswith("TypeError Group name must be")


async def test_with_redis_away_nothing_piles_up_and_after_it_all_is_well(
    start_publisher: StartPublisher, make_layer: LayerMaker, redis_server: RedisServer
) -> None:
    layer = make_layer()
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    publisher = start_publisher(layer)
    redis_server.freeze()
    for number in range(500):
        publisher.publish("room", {"number": number})
        await asyncio.sleep(0)
    assert await publisher.drain(10)
    assert (publisher.published, publisher.failed, publisher.pending_bytes) == (0, 500, 0)
    redis_server.thaw()
    await eventually(lambda: layer.healthy and not layer._get_layer().shards[0].sender.is_broken)
    publisher.publish("room", {"number": 500})
    assert await publisher.drain(10)
    assert publisher.published == 1
