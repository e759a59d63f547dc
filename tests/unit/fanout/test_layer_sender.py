"""Sender and hosts: many callers at once, a close in the middle, and lists of hosts that are or are not the same."""

import asyncio
import time

import pytest
import redis.asyncio

from chat.fanout.hosts import fingerprint_of
from chat.fanout.link import link_pool
from chat.fanout.sender import Sender
from chat.fanout.timing import Timing
from chat.ops.redis_server import RedisServer
from tests.unit.fanout.conftest import LayerMaker
from tests.unit.fanout.network import QUICK, Network, eventually


def sender_to(port: int, timing: Timing = QUICK) -> Sender:
    return Sender(link_pool({"host": "127.0.0.1", "port": port}), "redis", timing)


async def test_many_callers_share_four_links(redis_server: RedisServer) -> None:
    sender = sender_to(redis_server.port, Timing(publish_seconds=30))
    failed = await asyncio.gather(*[sender.publish([("name", b"x")] * 3) for _ in range(200)])
    async with redis.asyncio.Redis(port=redis_server.port) as client:
        clients = await client.info("clients")
    await sender.close()
    assert failed == [0] * 200
    assert clients["connected_clients"] == 4 + 1


async def test_an_error_reply_fails_only_its_own_command(redis_server: RedisServer) -> None:
    sender = sender_to(redis_server.port)
    replies = await sender.call([("ECHO", "a"), ("NO SUCH COMMAND",), ("ECHO", "b")])
    await sender.close()
    assert [replies[0], replies[2]] == [b"a", b"b"]
    assert isinstance(replies[1], Exception)
    assert not sender.is_broken


async def test_a_link_that_redis_has_closed_is_replaced_without_a_failure(redis_server: RedisServer) -> None:
    sender = sender_to(redis_server.port)
    assert await sender.publish([("name", b"x")]) == 0
    async with redis.asyncio.Redis(port=redis_server.port) as client:
        await client.client_kill_filter(_type="normal", skipme=True)
    await eventually(lambda: sender._idle[0].is_closed)
    assert await sender.publish([("name", b"x")]) == 0
    await sender.close()


async def test_a_close_in_the_middle_of_a_call_leaves_nothing(network: Network) -> None:
    before = asyncio.all_tasks()
    sender = sender_to(network.port)
    network.takes_links = False
    hanging = asyncio.create_task(sender.publish([("name", b"x")]))
    await eventually(lambda: network.links == 1)
    await sender.close()
    assert await hanging == 1
    assert not sender.is_broken
    network.stop_links()
    await eventually(lambda: asyncio.all_tasks() == before)


async def test_a_node_that_stood_still_itself_does_not_blame_its_link(make_layer: LayerMaker) -> None:
    layer = make_layer()
    await layer.start()
    await eventually(lambda: layer.healthy)
    time.sleep(QUICK.silence_seconds + 4 * QUICK.beat_seconds)  # noqa: ASYNC251  the whole loop stands still
    await asyncio.sleep(2 * QUICK.beat_seconds)
    assert layer.healthy
    assert layer.counters["reconnects"] == 0


async def test_a_dropped_channel_is_read_no_more(make_layer: LayerMaker) -> None:
    layer = make_layer()
    kept, dropped = await layer.new_channel(), await layer.new_channel()
    layer.drop_channel(dropped)
    layer.drop_channel(dropped)
    await eventually(lambda: layer.counters["subscribed"] == 1)
    await layer.send(dropped, {"text": "lost"})
    await layer.send(kept, {"text": "kept"})
    assert await layer.receive_batch(kept) == [{"text": "kept"}]
    assert layer.counters["received"] == 1


@pytest.mark.parametrize(
    ("host", "same"),
    [
        ({"host": "127.0.0.1", "port": 6379}, True),
        ({"address": "redis://localhost"}, True),
        ({"address": "rediss://user:secret@127.0.0.1:6379/7"}, True),
        ({"host": "127.0.0.1", "port": 6380}, False),
        ({"address": "redis://redis.example"}, False),
        ({"address": "unix:///run/redis.sock"}, False),
        ({"path": "/run/redis.sock"}, False),
        ({"master_name": "main", "sentinels": [("127.0.0.1", 26379)]}, False),
    ],
)
def test_two_ways_to_write_one_host_have_one_fingerprint(host: dict[str, object], same: bool) -> None:
    assert (fingerprint_of([host]) == fingerprint_of([{"address": "redis://127.0.0.1:6379"}])) is same


def test_the_order_of_the_hosts_counts() -> None:
    one, two = {"address": "redis://one"}, {"address": "redis://two"}
    assert fingerprint_of([one, two]) != fingerprint_of([two, one])
