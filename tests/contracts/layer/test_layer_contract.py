"""What every channel layer that a node can run on promises."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from chat.fanout.layer import HardenedPubSubLayer
from chat.ops.redis_server import RedisServer

WAIT_SECONDS = 5
LAYERS = ["memory", "redis", "redis, encrypted", "redis, three shards"]


@pytest.fixture(params=LAYERS)
async def layer(request: pytest.FixtureRequest, redis_server: RedisServer) -> AsyncIterator[Any]:
    place = ("127.0.0.1", redis_server.port)
    made = {
        "memory": lambda: InMemoryChannelLayer(),
        "redis": lambda: HardenedPubSubLayer(hosts=[place], prefix="contract"),
        "redis, encrypted": lambda: HardenedPubSubLayer(
            hosts=[place], prefix="contract", symmetric_encryption_keys=["key"]
        ),
        "redis, three shards": lambda: HardenedPubSubLayer(hosts=[place] * 3, prefix="contract"),
    }[request.param]()
    yield made
    await made.flush()
    await made.close()


async def received(layer: Any, channel: str, count: int) -> list[dict[str, Any]]:
    async with asyncio.timeout(WAIT_SECONDS):
        return [await layer.receive(channel) for _ in range(count)]


async def test_every_new_channel_has_a_name_of_its_own(layer: Any) -> None:
    names = [await layer.new_channel() for _ in range(20)]
    assert len(set(names)) == 20


async def test_a_channel_gets_what_is_sent_to_it_in_order(layer: Any) -> None:
    one, other = await layer.new_channel(), await layer.new_channel()
    for number in range(10):
        await layer.send(one, {"number": number})
        await layer.send(other, {"number": -number})
    assert await received(layer, one, 10) == [{"number": number} for number in range(10)]
    assert await received(layer, other, 10) == [{"number": -number} for number in range(10)]


async def test_a_message_arrives_as_it_was_sent(layer: Any) -> None:
    message = {
        "type": "x",
        "text": "你好 👋",
        "body": b"\x00\xff",
        "list": [1, -1, 2**40, None, True, 0.5],
        "map": {"a": {}},
    }
    channel = await layer.new_channel()
    await layer.send(channel, message)
    assert await received(layer, channel, 1) == [message]


async def test_changing_a_message_after_it_was_sent_changes_nothing(layer: Any) -> None:
    message = {"list": [1]}
    channel = await layer.new_channel()
    await layer.group_add("room", channel)
    await layer.group_send("room", message)
    message["list"].append(2)
    assert await received(layer, channel, 1) == [{"list": [1]}]


async def test_every_channel_of_a_group_gets_each_message_once_and_in_order(layer: Any) -> None:
    channels = [await layer.new_channel() for _ in range(3)]
    for channel in channels:
        await layer.group_add("room", channel)
        await layer.group_add("room", channel)
    for number in range(10):
        await layer.group_send("room", {"number": number})
    for channel in channels:
        assert await received(layer, channel, 10) == [{"number": number} for number in range(10)]


async def test_nothing_of_another_group_arrives(layer: Any) -> None:
    channel, stranger = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("room", channel)
    await layer.group_add("other", stranger)
    await layer.group_send("other", {"secret": True})
    await layer.group_send("room", {"secret": False})
    assert await received(layer, stranger, 1) == [{"secret": True}]
    assert await received(layer, channel, 1) == [{"secret": False}]


async def test_nothing_arrives_after_a_channel_was_discarded(layer: Any) -> None:
    channel, member = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("room", channel)
    await layer.group_add("room", member)
    await layer.group_discard("room", channel)
    await layer.group_send("room", {"number": 1})
    await layer.send(channel, {"number": 2})
    assert await received(layer, member, 1) == [{"number": 1}]
    assert await received(layer, channel, 1) == [{"number": 2}]


async def test_discarding_what_is_not_there_does_nothing(layer: Any) -> None:
    channel, member = await layer.new_channel(), await layer.new_channel()
    await layer.group_add("room", member)
    await layer.group_discard("room", channel)
    await layer.group_discard("nobody", channel)
    await layer.group_send("room", {"number": 1})
    assert await received(layer, member, 1) == [{"number": 1}]


async def test_sending_to_a_group_of_nobody_does_nothing(layer: Any) -> None:
    channel = await layer.new_channel()
    await layer.group_send("nobody", {"number": 1})
    await layer.group_add("nobody", channel)
    await layer.group_send("nobody", {"number": 2})
    assert await received(layer, channel, 1) == [{"number": 2}]


async def test_after_a_flush_the_groups_are_empty_and_the_layer_works(layer: Any) -> None:
    before = await layer.new_channel()
    await layer.group_add("room", before)
    await layer.flush()
    channel = await layer.new_channel()
    await layer.group_send("room", {"number": 1})
    await layer.group_add("room", channel)
    await layer.group_send("room", {"number": 2})
    assert await received(layer, channel, 1) == [{"number": 2}]
