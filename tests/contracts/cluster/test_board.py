"""Both boards keep the same promises; the one in Redis is not harmed by what others write there."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat.ops.cluster.board import (
    MOST_NODES,
    BoardAway,
    ClusterBoard,
    Found,
    MemoryClusterBoard,
    RedisClusterBoard,
)
from chat.ops.redis_server import RedisServer

ANN, BOB = "a" * 32, "b" * 32
PREFIX = "test"


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url) as redis:
        await redis.flushall()
        yield redis


@pytest.fixture(params=["redis", "memory"])
async def board(request: pytest.FixtureRequest, redis_server: RedisServer, redis: Redis) -> AsyncIterator[ClusterBoard]:
    made = RedisClusterBoard(redis_server.url, prefix=PREFIX) if request.param == "redis" else MemoryClusterBoard()
    yield made
    await made.close()


async def test_a_report_lies_there_with_its_age(board: ClusterBoard):
    assert await board.report(ANN, b"first") == Found(None, None)
    await board.report(ANN, b"second")
    await asyncio.sleep(0.05)
    (pinned,) = await board.look()
    assert (pinned.life, pinned.raw) == (ANN, b"second")
    assert 0.04 < pinned.age_seconds < 10


async def test_every_life_has_its_own(board: ClusterBoard):
    await board.report(ANN, b"hers")
    await board.report(BOB, b"his")
    assert {each.life: each.raw for each in await board.look()} == {ANN: b"hers", BOB: b"his"}


async def test_an_order_is_found_by_whom_it_is_for(board: ClusterBoard):
    await board.put_order(ANN, b"drain")
    assert (await board.report(BOB, b"his")).order is None
    assert (await board.report(ANN, b"hers")).order == b"drain"


async def test_an_announcement_is_found_by_all_until_it_ends(board: ClusterBoard):
    await board.put_announcement(b"hear", seconds=1)
    found = [(await board.report(life, b"x")).announcement for life in (ANN, BOB, ANN)]
    assert found == [b"hear"] * 3
    await asyncio.sleep(1.1)
    assert (await board.report(ANN, b"x")).announcement is None


async def test_what_is_put_back_replaces_nothing(board: ClusterBoard):
    await board.put_announcement(b"old", seconds=60, only_if_missing=True)
    assert (await board.report(ANN, b"x")).announcement == b"old"
    await board.put_announcement(b"new", seconds=60)
    await board.put_announcement(b"old", seconds=60, only_if_missing=True)
    assert (await board.report(ANN, b"x")).announcement == b"new"


async def test_its_clock_goes_on(board: ClusterBoard):
    before = await board.now_ms()
    await asyncio.sleep(0.01)
    assert 1_700_000_000_000 < before < await board.now_ms()


async def test_everything_in_redis_expires(redis_server: RedisServer, redis: Redis):
    board = RedisClusterBoard(redis_server.url, prefix=PREFIX)
    await board.report(ANN, b"x")
    await board.put_order(ANN, b"drain")
    await board.put_announcement(b"hear", seconds=30)
    kept = {key.decode(): await redis.ttl(key) async for key in redis.scan_iter("*")}
    names = {f"{PREFIX}:cluster:{name}" for name in ("nodes", f"node:{ANN}", f"order:{ANN}", "announcement")}
    assert kept.keys() == names
    assert all(0 < seconds <= 60 for seconds in kept.values())
    await board.close()


async def test_rubbish_in_redis_hides_no_node(redis_server: RedisServer, redis: Redis):
    board, root = RedisClusterBoard(redis_server.url, prefix=PREFIX), f"{PREFIX}:cluster:"
    await board.report(ANN, b"hers")
    names = [b"\xff\xfe", b"", b"x" * 100_000, *(str(number).encode() for number in range(MOST_NODES // 2))]
    await redis.zadd(root + "nodes", dict.fromkeys(names, 0))
    await redis.zadd(root + "nodes", {"list": 1e15})
    await redis.lpush(root + "node:list", "x")
    await redis.set(root.encode() + b"node:\xff\xfe", b"\x00" * 1_000_000)
    await redis.lpush(f"{root}order:{ANN}", "x")
    await redis.set(root + "announcement", b"\xff" * 1_000_000)

    looks = {each.life: each for each in await board.look()}

    assert looks[ANN].raw == b"hers"
    assert (looks["list"].raw, looks["list"].age_seconds) == (b"", 0)
    assert max(len(each.raw) for each in looks.values()) < 10_000
    found = await board.report(ANN, b"again")
    assert found.order is None
    assert found.announcement is not None
    await board.close()


async def test_a_board_of_another_kind_is_away(redis_server: RedisServer, redis: Redis):
    await redis.set(f"{PREFIX}:cluster:nodes", "x")
    board = RedisClusterBoard(redis_server.url, prefix=PREFIX)
    for asking in (board.report(ANN, b"x"), board.look()):
        with pytest.raises(BoardAway):
            await asking
    await board.close()


async def test_without_redis_the_board_is_away_and_comes_back(redis_server: RedisServer):
    nobody = RedisClusterBoard("redis://127.0.0.1:1/0", prefix=PREFIX)
    with pytest.raises(BoardAway):
        await nobody.report(ANN, b"x")
    with pytest.raises(BoardAway):
        await nobody.put_order(ANN, b"x")
    await nobody.close()
