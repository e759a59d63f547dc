"""The hardened layer on a healthy Redis: confirmed subscriptions, batches, bounds and a clean end."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import redis.asyncio
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from channels_redis.pubsub import RedisPubSubChannelLayer
from redis.exceptions import ConnectionError as RedisConnectionError

from chat.fanout.layer import HardenedPubSubLayer
from chat.ops.redis_server import RedisServer
from tests.unit.fanout.conftest import LayerMaker
from tests.unit.fanout.network import PATIENT, QUICK, Network, eventually

SLOW_SECONDS = 0.03


@pytest.fixture
def make_layer(make_layer: LayerMaker) -> LayerMaker:
    """Nothing fails here, so nothing may be given up because the machine is busy."""
    return partial(make_layer, timing=PATIENT)


async def test_no_first_message_after_a_group_add_is_lost_in_300_tries(make_layer: LayerMaker) -> None:
    reader, writer = make_layer(), make_layer()
    channel = await reader.new_channel()
    received = []
    for number in range(300):
        assert await reader.group_add(f"group.{number}", channel) is True
        await writer.group_send(f"group.{number}", {"number": number})
        async with asyncio.timeout(5):
            received.append(await reader.receive(channel))
    assert received == [{"number": number} for number in range(300)]
    assert reader.generation == 0


async def first_messages_seen(reader: Any, writer: Any) -> int:
    """How many of 10 messages that are sent right after a `group_add` has returned arrive."""
    channel = await reader.new_channel()
    for number in range(10):
        await reader.group_add(f"group.{number}", channel)
        await writer.group_send(f"group.{number}", {"number": number})
    await reader.group_add("last", channel)
    await asyncio.sleep(4 * SLOW_SECONDS)
    await writer.group_send("last", {"number": -1})
    seen = 0
    while (await asyncio.wait_for(reader.receive(channel), 5))["number"] >= 0:
        seen += 1
    return seen


async def test_a_slow_way_to_redis_loses_no_first_message(make_layer: LayerMaker, network: Network) -> None:
    network.delay_seconds = SLOW_SECONDS
    assert await first_messages_seen(make_layer(network.port), make_layer()) == 10


async def test_the_stock_layer_loses_first_messages_on_a_slow_way(
    make_layer: LayerMaker, make_stock_layer: Callable[[int], RedisPubSubChannelLayer], network: Network
) -> None:
    network.delay_seconds = SLOW_SECONDS
    assert await first_messages_seen(make_stock_layer(network.port), make_layer()) < 10


async def test_many_group_adds_at_once_become_few_subscribe_commands(
    make_layer: LayerMaker, redis_server: RedisServer
) -> None:
    layer = make_layer()
    channel = await layer.new_channel()
    added = await asyncio.gather(*[layer.group_add(f"group.{number}", channel) for number in range(2500)])
    async with redis.asyncio.Redis(port=redis_server.port) as client:
        statistics = await client.info("commandstats")
    assert added == [True] * 2500
    assert layer.counters["subscribed"] == 2501
    assert statistics["cmdstat_subscribe"]["calls"] <= 10


async def test_a_group_that_was_left_and_joined_again_at_once_is_subscribed(make_layer: LayerMaker) -> None:
    layer = make_layer()
    channel = await layer.new_channel()
    for _ in range(50):
        assert await layer.group_add("room", channel)
        await layer.group_discard("room", channel)
        await asyncio.sleep(0)
        assert await layer.group_add("room", channel)
        await layer.group_send("room", {"text": "hello"})
        assert await asyncio.wait_for(layer.receive(channel), 5) == {"text": "hello"}


async def test_redis_forgets_a_group_with_its_last_channel(make_layer: LayerMaker, redis_server: RedisServer) -> None:
    layer = make_layer()
    one, two = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("room", one)
    await layer.group_add("room", two)
    await layer.group_discard("room", one)
    async with redis.asyncio.Redis(port=redis_server.port) as client:
        assert await client.pubsub_channels("*__group__*") == [b"test__group__room"]
        await layer.group_discard("room", two)
        await eventually(lambda: layer.counters["subscribed"] == 2)
        await layer.group_add("other", one)  # answered after the request before it
        assert await client.pubsub_channels("*__group__*") == [b"test__group__other"]


async def test_a_batch_goes_out_in_order_and_is_received_at_once(make_layer: LayerMaker) -> None:
    layer = make_layer()
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    failed = await layer.group_send_many([("room", {"number": number}) for number in range(100)])
    await eventually(lambda: layer.counters["received"] == 100)
    assert failed == 0
    assert await layer.receive_batch(channel, limit=60) == [{"number": number} for number in range(60)]
    assert await layer.receive_batch(channel) == [{"number": number} for number in range(60, 100)]


async def test_several_hosts_share_the_groups(make_layer: LayerMaker, redis_server: RedisServer) -> None:
    place = ("127.0.0.1", redis_server.port)
    layer = make_layer(hosts=[place, place, place])
    channel = await layer.new_channel()
    await asyncio.gather(*[layer.group_add(f"group.{number}", channel) for number in range(30)])
    assert await layer.group_send_many([(f"group.{number}", {"number": number}) for number in range(30)]) == 0
    await eventually(lambda: layer.counters["received"] == 30)
    numbers = [message["number"] for message in await layer.receive_batch(channel)]
    assert sorted(numbers) == list(range(30))
    assert layer.shard_count == 3


async def test_one_message_that_cannot_be_serialized_does_not_hurt_its_batch(make_layer: LayerMaker) -> None:
    layer = make_layer()
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    assert await layer.group_send_many([("room", {"bad": object()}), ("room", {"text": "good"})]) == 1
    assert await layer.receive(channel) == {"text": "good"}


async def test_an_overflowing_mailbox_is_emptied_and_starts_a_new_generation(make_layer: LayerMaker) -> None:
    layer = make_layer(mailbox_bytes=10_000)
    resyncs: list[int | None] = []
    layer.on_resync(resyncs.append)
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    await layer.group_send_many([("room", {"text": "x" * 1000, "number": number}) for number in range(12)])
    await eventually(lambda: layer.counters["received"] == 12)
    left = await layer.receive_batch(channel)
    assert [message["number"] for message in left] == list(range(12 - len(left), 12))
    assert layer.counters["overflowed"] == 12 - len(left) > 0
    assert layer.generation == 1
    assert resyncs == [None]


async def test_one_message_larger_than_the_mailbox_is_dropped_and_starts_a_new_generation(
    make_layer: LayerMaker,
) -> None:
    layer = make_layer(mailbox_bytes=1000)
    channel = await layer.new_channel()
    await layer.send(channel, {"text": "x" * 2000})
    await layer.send(channel, {"text": "small"})
    assert await layer.receive(channel) == {"text": "small"}
    assert layer.generation == 1


async def test_foreign_bytes_on_a_channel_do_not_end_receiving(
    make_layer: LayerMaker, redis_server: RedisServer
) -> None:
    layer = make_layer()
    channel = await layer.new_channel()
    async with redis.asyncio.Redis(port=redis_server.port) as client:
        await client.publish(channel, b"\xc1 not msgpack")
    await layer.send(channel, {"text": "ours"})
    assert await layer.receive(channel) == {"text": "ours"}
    assert layer.counters["undecodable"] == 1


async def test_with_keys_nothing_readable_passes_through_redis(
    make_layer: LayerMaker, redis_server: RedisServer
) -> None:
    layer = make_layer(symmetric_encryption_keys=["secret"])
    channel = await layer.new_channel()
    async with redis.asyncio.Redis(port=redis_server.port) as client, client.pubsub() as listener:
        await listener.subscribe(channel)
        await layer.send(channel, {"text": "confidential"})
        while (heard := await listener.get_message(timeout=5)) is None or heard["type"] != "message":
            pass
    assert b"confidential" not in heard["data"]
    assert await layer.receive(channel) == {"text": "confidential"}


async def test_a_cancelled_receive_gives_the_channel_up_and_a_cancelled_batch_keeps_it(make_layer: LayerMaker) -> None:
    layer = make_layer()
    kept, given_up = await layer.new_channel(), await layer.new_channel()
    for receiving in (layer.receive_batch(kept), layer.receive(given_up)):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(receiving, 0.02)
    await eventually(lambda: layer.counters["subscribed"] == 1)
    await layer.send(kept, {"text": "still here"})
    assert await layer.receive_batch(kept) == [{"text": "still here"}]


async def test_group_add_refuses_a_channel_of_another_process(make_layer: LayerMaker) -> None:
    with pytest.raises(RuntimeError, match="channels of this process"):
        await make_layer().group_add("room", "elsewhere")


async def test_nodes_with_other_hosts_are_told_apart(make_layer: LayerMaker, redis_server: RedisServer) -> None:
    place = f"redis://:secret@localhost:{redis_server.port}/0"
    same = make_layer(hosts=[("127.0.0.1", redis_server.port)])
    same_too = make_layer(hosts=[f"redis://localhost:{redis_server.port}/3"])
    other = make_layer(hosts=[("127.0.0.1", redis_server.port)] * 2)
    assert await same.check_hosts() is None
    assert await same_too.check_hosts() is None
    sentence = await other.check_hosts()
    assert sentence is not None
    assert same.hosts_fingerprint() in sentence
    assert make_layer(hosts=[place]).hosts_fingerprint() == same.hosts_fingerprint()


async def test_nothing_is_left_after_a_flush_and_the_layer_works_again(
    make_layer: LayerMaker, redis_server: RedisServer
) -> None:
    before = asyncio.all_tasks()
    layer = make_layer()
    for _ in range(2):
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await layer.group_send("room", {"text": "hello"})
        assert await layer.receive(channel) == {"text": "hello"}
        await layer.flush()
        assert asyncio.all_tasks() == before
        async with redis.asyncio.Redis(port=redis_server.port, client_name="observer") as client:
            others = [each for each in await client.client_list() if each["name"] != "observer"]
        assert others == []


def test_it_serves_one_event_loop_after_the_other(redis_server: RedisServer) -> None:
    layer = HardenedPubSubLayer(hosts=[("127.0.0.1", redis_server.port)])

    async def talk() -> dict[str, Any]:
        channel = await layer.new_channel()
        await layer.send(channel, {"text": "hello"})
        return await layer.receive(channel)

    # no flush: closing a loop closes what was opened on it
    assert [asyncio.run(talk()) for _ in range(2)] == [{"text": "hello"}] * 2


class Room(AsyncJsonWebsocketConsumer):
    """A consumer as the documentation of Channels shows it."""

    groups = ("room",)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await self.channel_layer.group_send("room", {"type": "said", "text": content["text"]})

    async def said(self, event: dict[str, Any]) -> None:
        await self.send_json({"text": event["text"]})


async def test_it_takes_the_place_of_the_stock_layer_under_consumers(settings: Any, redis_server: RedisServer) -> None:
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "chat.fanout.layer.HardenedPubSubLayer",
            "CONFIG": {
                "hosts": [redis_server.url],
                "prefix": "drop-in",
                "symmetric_encryption_keys": ["key"],
            },
        }
    }
    sockets = [WebsocketCommunicator(Room.as_asgi(), "/") for _ in range(2)]
    for socket in sockets:
        await socket.connect(timeout=5)
    await sockets[0].send_json_to({"text": "hello"})
    assert [await socket.receive_json_from(timeout=5) for socket in sockets] == [{"text": "hello"}] * 2
    for socket in sockets:
        await socket.disconnect(timeout=5)
    layer = get_channel_layer()
    await eventually(lambda: layer.counters["subscribed"] == 0)
    await layer.close()


async def test_without_redis_sending_raises_and_joining_says_false(
    make_layer: LayerMaker, redis_server: RedisServer
) -> None:
    redis_server.stop()
    layer = make_layer(timing=QUICK)
    channel = await layer.new_channel()
    assert await layer.group_add("room", channel) is False
    with pytest.raises(RedisConnectionError):
        await layer.group_send("room", {"text": "hello"})
    assert await layer.group_send_many([("room", {"text": "hello"})] * 3) == 3
    assert layer.healthy is False
    assert layer.counters["publish_failures"] == 4
