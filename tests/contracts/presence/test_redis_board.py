"""What presence promises when Redis is frozen, gone, or back without its memory."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from redis.asyncio import Redis

from chat.ops.redis_server import RedisServer
from chat.presence import Presence, Tempo
from chat.presence.redis_board import RedisBoard
from tests.contracts.presence.conftest import NODES, PREFIX

ANN, BOB = 1, 2
PHONE, LAPTOP = "phone", "laptop"
QUICK = Tempo(beat_seconds=0.2, dead_after_seconds=2.0, recheck_seconds=1.0)
STEADY = Tempo(beat_seconds=0.2, recheck_seconds=1.0)
STILL = Tempo(beat_seconds=300, dead_after_seconds=900, recheck_seconds=300)
"""The test beats by itself, when it wants to."""
UNREACHABLE = "redis://127.0.0.1:1/0"
ROOT = f"{PREFIX}:presence:"


class Cluster:
    def __init__(self, url: str) -> None:
        self.url = url
        self.nodes: list[Presence] = []
        self.told: list[tuple[str, int, bool]] = []

    async def start(self, name: str, tempo: Tempo = QUICK) -> Presence:
        node = Presence(
            RedisBoard(self.url, prefix=PREFIX, tempo=tempo),
            node=name,
            on_change=lambda user_id, online: self.told.append((name, user_id, online)),
            tempo=tempo,
        )
        self.nodes.append(node)
        await node.start()
        return node


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        await redis.flushdb()
        yield redis


@pytest.fixture
async def cluster(redis: Redis, redis_server: RedisServer) -> AsyncIterator[Cluster]:
    cluster = Cluster(redis_server.url)
    yield cluster
    for node in cluster.nodes:
        await node.stop()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 (what we wait for rings no bell)
            await asyncio.sleep(0.02)


async def until_online(node: Presence, expected: set[int]) -> None:
    async with asyncio.timeout(20):
        while await node.online([ANN, BOB]) != expected:  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.05)


async def test_without_redis_a_node_answers_with_its_own_devices():
    node = Presence(RedisBoard(UNREACHABLE, prefix=PREFIX), node="alone")
    await node.start()
    node.watch([ANN, BOB])
    assert node.is_degraded
    assert await node.arrive(ANN, PHONE) is True
    assert await node.arrive(ANN, LAPTOP) is False
    assert await node.online([ANN, BOB]) == {ANN}
    assert await node.devices_online(ANN) == {PHONE: "alone", LAPTOP: "alone"}
    assert [beat.name for beat in await node.nodes()] == ["alone"]
    assert await node.depart(ANN, PHONE) is False
    assert await node.depart(ANN, LAPTOP) is True
    assert await node.online([ANN, BOB]) == set()
    await node.stop()


async def test_a_node_that_started_without_redis_joins_later(cluster: Cluster, redis_server: RedisServer):
    redis_server.kill()
    try:
        one = await cluster.start("one")
        await one.arrive(ANN, PHONE)
    finally:
        redis_server.start()
    two = await cluster.start("two")
    await until_online(two, {ANN})
    await until(lambda: not one.is_degraded)


async def test_frozen_redis_costs_one_time_out_and_not_one_for_each_question(
    cluster: Cluster, redis_server: RedisServer
):
    one = await cluster.start("one", STILL)
    await one.arrive(ANN, PHONE)
    redis_server.freeze()
    try:
        async with asyncio.timeout(30):  # one after the other they would take 100 s
            answers = await asyncio.gather(*(one.online([ANN, BOB]) for _ in range(100)))
    finally:
        redis_server.thaw()
    assert answers == [{ANN}] * 100
    assert one.is_degraded


async def test_after_a_freeze_of_redis_presence_goes_on_and_nobody_flaps(cluster: Cluster, redis_server: RedisServer):
    one, two = await cluster.start("one", STEADY), await cluster.start("two", STEADY)
    await two.arrive(ANN, PHONE)
    one.watch([ANN])
    assert await one.online([ANN]) == {ANN}
    redis_server.freeze()
    try:
        await until(lambda: one.is_degraded and two.is_degraded)
        assert await one.online([ANN, BOB]) == {ANN}
    finally:
        redis_server.thaw()
    await two.arrive(BOB, PHONE)
    await until_online(one, {ANN, BOB})
    assert cluster.told == []


async def test_redis_that_comes_back_empty_learns_every_device_again_and_nobody_flaps(
    cluster: Cluster, redis_server: RedisServer
):
    one, two = await cluster.start("one", STEADY), await cluster.start("two", STEADY)
    await one.arrive(BOB, PHONE)
    await two.arrive(ANN, PHONE)
    one.watch([ANN])
    assert await one.online([ANN]) == {ANN}
    redis_server.restart_empty()
    fresh = await cluster.start("fresh", STEADY)
    await until_online(fresh, {ANN, BOB})
    assert cluster.told == []


async def test_a_question_to_a_redis_that_came_back_empty_unnoticed_is_not_answered_by_it(
    cluster: Cluster, redis: Redis
):
    one, two = await cluster.start("one", STILL), await cluster.start("two", STILL)
    await two.arrive(ANN, PHONE)
    one.watch([ANN])
    assert await one.online([ANN]) == {ANN}
    await redis.flushall()
    assert await one.online([ANN, BOB]) == {ANN}
    assert one.is_degraded
    await one.beat()
    assert await one.online([ANN, BOB]) == {ANN}
    await two.beat()
    assert await one.devices_online(ANN) == {PHONE: "two"}
    assert cluster.told == []


async def test_who_left_while_redis_was_away_is_gone_when_it_is_back(cluster: Cluster, redis_server: RedisServer):
    one, two = await cluster.start("one"), await cluster.start("two")
    await two.arrive(ANN, PHONE)
    one.watch([ANN])
    assert await one.online([ANN]) == {ANN}
    redis_server.kill()
    try:
        await two.depart(ANN, PHONE)
    finally:
        redis_server.start()
    await until(lambda: cluster.told == [("one", ANN, False)])
    assert await two.online([ANN]) == set()


async def test_a_node_that_dies_silently_is_noticed_by_the_running_loops(cluster: Cluster):
    one, dying = await cluster.start("one"), await cluster.start("dying")
    await dying.arrive(ANN, PHONE)
    one.watch([ANN])
    await one.online([ANN])
    for task in dying._tasks:
        task.cancel()
    await until(lambda: cluster.told == [("one", ANN, False)])


async def test_hints_are_followed_by_the_running_loops(cluster: Cluster):
    one, two = await cluster.start("one", STILL), await cluster.start("two", STILL)
    one.watch([ANN])
    await one.online([ANN])
    await two.arrive(ANN, PHONE)
    one.hint(ANN)
    await until(lambda: cluster.told == [("one", ANN, True)])


async def test_a_listener_that_fails_does_not_stop_the_heart(cluster: Cluster, caplog: pytest.LogCaptureFixture):
    one, two = await cluster.start("one"), await cluster.start("two")

    def fail(user_id: int, online: bool) -> None:
        raise ValueError("a bug")

    one.on_change = fail
    one.watch([ANN])
    await one.online([ANN])
    await two.arrive(ANN, PHONE)
    await until(lambda: "on_change failed for user 1" in caplog.text)
    await one.beat()
    assert not one.is_degraded


async def test_a_departure_that_is_cancelled_is_made_up_for(cluster: Cluster, redis_server: RedisServer):
    one, two = await cluster.start("one", STILL), await cluster.start("two", STILL)
    await one.arrive(ANN, PHONE)
    redis_server.freeze()
    try:
        leaving = asyncio.create_task(one.depart(ANN, PHONE))
        await asyncio.sleep(0)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    finally:
        redis_server.thaw()
    await one.beat()
    await until_online(two, set())


async def test_every_key_expires_and_a_stopped_cluster_leaves_none(cluster: Cluster, redis: Redis):
    one, two = await cluster.start("one"), await cluster.start("two")
    await one.arrive(ANN, PHONE)
    await two.arrive(ANN, LAPTOP)
    keys = [key async for key in redis.scan_iter("*")]
    assert len(keys) == 1 + 2 + 2 + 1  # nodes, a card and a set for each, the user
    assert [key for key in keys if await redis.ttl(key) < 0] == []
    await one.stop()
    await two.stop()
    assert [key async for key in redis.scan_iter("*")] == []


async def test_the_heartbeat_of_a_node_with_many_devices_is_one_command(cluster: Cluster, redis: Redis):
    one = await cluster.start("one", STILL)
    for user_id in range(100):
        await one.arrive(user_id, PHONE)
    await one.beat()
    before = await redis.info("commandstats")
    await one.beat()
    after = await redis.info("commandstats")
    assert after["cmdstat_evalsha"]["calls"] - before["cmdstat_evalsha"]["calls"] == 1
    assert after["cmdstat_hset"] == before["cmdstat_hset"]


async def test_what_an_unlucky_expiry_took_is_pinned_again(redis_server: RedisServer, redis: Redis):
    now = 0.0
    node = Presence(RedisBoard(redis_server.url, prefix=PREFIX), node="one", clock=lambda: now)
    await node.beat()
    await node.arrive(ANN, PHONE)
    await redis.delete(f"{ROOT}user:1")
    now = Tempo().refresh_seconds
    await node.beat()
    assert await redis.hlen(f"{ROOT}user:1") == 1
    await node.stop()


async def test_an_arrival_sweeps_away_what_dead_lives_left_in_the_user(cluster: Cluster, redis: Redis):
    await redis.hset(f"{ROOT}user:1", "long-dead|tablet", "old node|1")
    one = await cluster.start("one")
    await one.arrive(ANN, PHONE)
    assert await redis.hlen(f"{ROOT}user:1") == 1


async def test_a_life_that_was_reaped_writes_nothing_more(redis_server: RedisServer, redis: Redis):
    frozen = Presence(RedisBoard(redis_server.url, prefix=PREFIX), node="frozen")
    await frozen.beat()
    await redis.delete(NODES)
    await frozen.arrive(ANN, PHONE)
    await frozen.beat()
    (incarnation,) = await redis.zrange(NODES, 0, -1)
    assert await redis.hkeys(f"{ROOT}user:1") == [f"{incarnation}|{PHONE}"]
    assert await redis.keys(f"{ROOT}on:*") == [f"{ROOT}on:{incarnation}"]
    await frozen.stop()


async def test_two_nodes_may_reap_the_same_dead_life_at_once(redis_server: RedisServer, redis: Redis):
    dead = Presence(RedisBoard(redis_server.url, prefix=PREFIX), node="dead")
    await dead.beat()
    for user_id in range(1200):
        await dead.arrive(user_id, PHONE)
    (incarnation,) = await redis.zrange(NODES, 0, -1)
    await redis.zadd(NODES, {incarnation: 1})
    reapers = [Presence(RedisBoard(redis_server.url, prefix=PREFIX), node=name) for name in ("one", "two")]
    await asyncio.gather(*(reaper.beat() for reaper in reapers))
    assert [key async for key in redis.scan_iter(f"{ROOT}user:*")] == []
    assert await redis.exists(f"{ROOT}on:{incarnation}", f"{ROOT}node:{incarnation}") == 0
    for node in (dead, *reapers):
        await node.stop()


async def test_a_user_with_a_device_left_is_still_listed_for_those_who_reap(cluster: Cluster, redis: Redis):
    one = await cluster.start("one", STILL)
    await one.arrive(ANN, PHONE)
    await one.arrive(ANN, LAPTOP)
    await one.depart(ANN, PHONE)
    (listed,) = await redis.keys(f"{ROOT}on:*")
    assert await redis.smembers(listed) == {"1"}
    await one.depart(ANN, LAPTOP)
    assert await redis.keys(f"{ROOT}on:*") == []
