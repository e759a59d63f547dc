"""Redis killed, emptied, frozen, cut off without a word: the layer notices, mends itself and says what it missed."""

import asyncio
import errno
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis.asyncio
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import ConnectionError as RedisConnectionError

from chat.fanout.layer import HardenedPubSubLayer
from chat.fanout.link import Link, link_pool
from chat.fanout.shard import Shard
from chat.fanout.timing import Timing
from chat.ops.redis_server import RedisServer
from tests.unit.fanout.conftest import LayerMaker
from tests.unit.fanout.network import QUICK, Network, eventually


class Node:
    """Reads everything that reaches its channel, as the hub of a node does."""

    def __init__(self, layer: HardenedPubSubLayer) -> None:
        self.layer = layer
        self.channel = ""
        self.numbers: list[int] = []
        self.resyncs: list[int | None] = []

    async def read(self) -> None:
        while True:
            self.numbers += [message["number"] for message in await self.layer.receive_batch(self.channel)]

    async def hears(self, number: int) -> None:
        """Publish `number` until it arrives, as a working layer lets it sooner or later."""
        async with asyncio.timeout(15):
            while number not in self.numbers:
                await self.layer.group_send_many([("room", {"number": number})])
                await asyncio.sleep(0.02)


NodeStarter = Callable[..., Any]


@pytest.fixture
async def start_node(make_layer: LayerMaker) -> AsyncIterator[NodeStarter]:
    tasks: list[asyncio.Task[None]] = []

    async def start(port: int | None = None, **kwargs: Any) -> Node:
        node = Node(make_layer(port, **kwargs))
        node.layer.on_resync(node.resyncs.append)
        node.channel = await node.layer.new_channel()
        assert await node.layer.group_add("room", node.channel)
        tasks.append(asyncio.create_task(node.read()))
        await eventually(lambda: node.layer.healthy)
        return node

    yield start
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def load_on(layer: HardenedPubSubLayer) -> AsyncIterator[None]:
    async def send() -> None:
        while True:
            await layer.group_send_many([("room", {"number": -1})] * 20)
            await asyncio.sleep(0.001)

    task = asyncio.create_task(send())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_redis_killed_and_restarted_empty_under_load(start_node: NodeStarter, redis_server: RedisServer) -> None:
    node = await start_node()
    async with load_on(node.layer):
        await asyncio.to_thread(redis_server.restart_empty)
        await eventually(lambda: node.resyncs)
    await node.hears(1)
    assert node.resyncs == [0] * node.layer.generation
    await eventually(lambda: node.layer.healthy)


async def test_after_a_resync_no_message_is_missed(start_node: NodeStarter, redis_server: RedisServer) -> None:
    node = await start_node()
    redis_server.kill()
    await eventually(lambda: not node.layer.healthy)
    redis_server.start()
    await eventually(lambda: node.resyncs)
    async with redis.asyncio.Redis(port=redis_server.port) as client:
        for number in range(100):
            await client.publish("test__group__room", node.layer.serialize({"number": number}))
    await eventually(lambda: len(node.numbers) == 100)
    assert node.numbers == list(range(100))


async def test_a_killed_subscriber_is_back_at_once(start_node: NodeStarter, redis_server: RedisServer) -> None:
    node = await start_node()
    async with redis.asyncio.Redis(port=redis_server.port) as client:
        for generation in range(1, 6):
            assert await client.client_kill_filter(_type="pubsub") == 1
            await eventually(lambda wanted=generation: node.layer.generation == wanted)
            await node.hears(generation)
    assert node.layer.counters["reconnects"] == 5
    assert node.resyncs == [0] * 5


async def test_a_frozen_redis_is_noticed_and_taken_back(start_node: NodeStarter, redis_server: RedisServer) -> None:
    node = await start_node()
    redis_server.freeze()
    await eventually(lambda: not node.layer.healthy)
    redis_server.thaw()
    await node.hears(1)
    assert node.layer.generation > 0
    await eventually(lambda: node.layer.healthy)


async def test_while_redis_is_frozen_callers_wait_once_and_then_fail_at_once(
    start_node: NodeStarter, redis_server: RedisServer
) -> None:
    node = await start_node(timing=Timing(publish_seconds=0.3, subscribe_seconds=0.3))
    redis_server.freeze()
    began = time.monotonic()
    with pytest.raises(RedisConnectionError):
        await node.layer.group_send("room", {"number": 1})
    for number in range(200):
        assert await node.layer.group_send_many([("room", {"number": number})]) == 1
        assert await node.layer.group_add(f"group.{number}", node.channel) is False
    # one after the other they would take 120 s
    assert time.monotonic() - began < 30
    redis_server.thaw()
    await eventually(lambda: node.layer.counters["subscribed"] == 202)
    await eventually(lambda: node.layer.generation > 0)


async def test_a_publish_that_hangs_does_not_hold_up_a_subscription(make_layer: LayerMaker, network: Network) -> None:
    layer = make_layer(network.port, timing=Timing(publish_seconds=30.0))
    channel = await layer.new_channel()
    await layer.start()
    await eventually(lambda: layer.healthy)
    network.takes_links = False
    publishing = asyncio.gather(
        *[layer.group_send("room", {"number": number}) for number in range(4)], return_exceptions=True
    )
    await eventually(lambda: network.links >= 4)
    assert await layer.group_add("room", channel) is True
    assert not publishing.done()
    publishing.cancel()
    await asyncio.gather(publishing, return_exceptions=True)


async def test_a_silent_partition_is_noticed_and_mended(start_node: NodeStarter, network: Network) -> None:
    node = await start_node(network.port)
    network.swallow()
    await eventually(lambda: node.resyncs)
    await node.hears(1)
    assert node.layer.generation == 1
    await eventually(lambda: node.layer.healthy)


async def test_the_stock_layer_never_comes_back_from_a_silent_partition(
    make_stock_layer: Callable[[int], RedisPubSubChannelLayer], make_layer: LayerMaker, network: Network
) -> None:
    stock, sender = make_stock_layer(network.port), make_layer()
    channel = await stock.new_channel()
    await stock.group_add("room", channel)
    await sender.group_send("room", {"number": 0})
    assert await asyncio.wait_for(stock.receive(channel), 5) == {"number": 0}
    network.swallow()
    receiving = asyncio.create_task(stock.receive(channel))
    for _ in range(100):
        await sender.group_send("room", {"number": 1})
        await asyncio.sleep(0.02)
    assert not receiving.done()
    receiving.cancel()
    await asyncio.gather(receiving, return_exceptions=True)


async def test_a_long_silent_partition_costs_no_cpu(start_node: NodeStarter, network: Network) -> None:
    node = await start_node(network.port)
    network.takes_links = False
    network.swallow()
    await eventually(lambda: not node.layer.healthy)
    began = time.process_time()
    await asyncio.sleep(1.0)
    assert time.process_time() - began < 0.5
    network.takes_links = True
    await node.hears(1)


async def test_no_task_of_the_layer_dies_and_nothing_is_left_after_a_fault(
    make_layer: LayerMaker, redis_server: RedisServer
) -> None:
    before = asyncio.all_tasks()
    layer = make_layer()
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    redis_server.kill()
    await eventually(lambda: not layer.healthy)
    assert await layer.group_send_many([("room", {"number": 1})]) == 1
    await layer.flush()
    assert asyncio.all_tasks() == before


@pytest.mark.parametrize("turns", range(6))
async def test_a_shard_that_is_closed_while_its_link_breaks_ends(redis_server: RedisServer, turns: int) -> None:
    """`turns` of the event loop lie between the two: one of them finds the tasks of the link being aborted."""
    closing: list[asyncio.Task[None]] = []

    async def close() -> None:
        for _ in range(turns):
            await asyncio.sleep(0)
        await shard.close()

    def fail(name: str, payload: bytes) -> None:
        closing.append(asyncio.create_task(close()))
        raise ValueError(name)

    pool = link_pool({"host": "127.0.0.1", "port": redis_server.port})
    shard = Shard(pool, "beat", QUICK, on_message=fail, on_resync=lambda: None)
    assert await shard.subscribe("room")
    await shard.sender.publish([("room", b"")])
    await eventually(lambda: closing)
    await asyncio.wait(closing, timeout=20)
    assert [task.done() for task in closing] == [True]


async def test_a_group_that_is_wanted_while_redis_is_away_comes_with_a_new_generation(
    make_layer: LayerMaker, redis_server: RedisServer
) -> None:
    redis_server.kill()
    layer = make_layer()
    channel = await layer.new_channel()
    assert await layer.group_add("room", channel) is False
    assert layer.generation == 0
    redis_server.start()
    await eventually(lambda: layer.generation == 1)
    await eventually(lambda: layer.healthy)
    await layer.group_send("room", {"number": 1})
    assert await asyncio.wait_for(layer.receive(channel), 5) == {"number": 1}


async def test_a_failing_resync_callback_does_not_keep_the_others_from_knowing(
    start_node: NodeStarter, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    node = await start_node()
    node.resyncs.clear()
    seen: list[int | None] = []

    def fail(shard: int | None) -> None:
        raise ValueError(shard)

    stop_failing = node.layer.on_resync(fail)
    node.layer.on_resync(seen.append)
    await asyncio.to_thread(redis_server.restart_empty)
    await eventually(lambda: seen == [0])
    assert "a resync callback failed" in caplog.text
    caplog.clear()
    stop_failing()
    await asyncio.to_thread(redis_server.restart_empty)
    await eventually(lambda: seen == [0, 0])
    assert "a resync callback failed" not in caplog.text


async def test_an_outage_is_logged_once_and_so_is_its_end(
    start_node: NodeStarter, redis_server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    node = await start_node()
    redis_server.kill()
    await asyncio.sleep(1.0)
    redis_server.start()
    await eventually(lambda: node.layer.healthy)
    told = [record.getMessage() for record in caplog.records if record.name == "chat.fanout.shard"]
    place = f"pub/sub of 127.0.0.1:{redis_server.port}"
    ends = [text for text in told if text == f"{place} works again"]
    assert len(ends) == 1
    assert told[-1] == ends[0]
    assert 2 <= len(told) <= 4  # the loss and the refusal, perhaps a reset between them


async def test_etimedout_on_the_socket_is_an_error_and_not_silence(redis_server: RedisServer) -> None:
    link = await Link.open(link_pool({"host": "127.0.0.1", "port": redis_server.port}), 5)
    link._reader.set_exception(TimeoutError(errno.ETIMEDOUT, "Connection timed out"))
    with pytest.raises(TimeoutError):
        await link.replies()
    assert link.is_closed
    await link.close()


def test_a_dead_link_is_noticed_and_replaced_within_eight_seconds() -> None:
    timing = Timing()
    assert timing.silence_seconds + timing.connect_seconds <= 8
    delays = timing.delays()
    assert all(0.05 <= next(delays) <= timing.backoff_most for _ in range(20))
