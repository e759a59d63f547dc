"""Sites that share a Redis: with a prefix each, none sees anything of another, although their ids are the same."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from chat.edge.throttle import UserLimits
from chat.fanout.layer import HardenedPubSubLayer
from chat.ops.redis_server import RedisServer
from chat.presence.board import Card, Home
from chat.presence.redis_board import RedisBoard
from chat.session.redis_store import RedisStore

ANN = 1
HERE, THERE = "here", "there"


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        await redis.flushall()
        yield redis


async def keys_of(redis: Redis) -> set[str]:
    return {key async for key in redis.scan_iter("*")}


async def test_presence_of_one_site_is_not_that_of_another(redis_server: RedisServer, redis: Redis):
    here, there = [RedisBoard(redis_server.url, prefix=prefix) for prefix in (HERE, THERE)]
    home = Home("a-life", "phone", "server_1", 1)
    await here.join("a-life", Card("server_1", 1, {}))
    await there.join("another-life", Card("server_1", 0, {}))
    await here.arrive(ANN, home)

    assert (await here.homes([ANN]), await there.homes([ANN])) == ({ANN: [home]}, {})
    assert [beat.incarnation for beat in await there.nodes()] == ["another-life"]
    assert (await here.users_on("a-life"), await there.users_on("a-life")) == ({ANN}, set())
    await there.depart(ANN, home)
    await there.retire("a-life")
    await there.reap("a-life")
    assert await here.homes([ANN]) == {ANN: [home]}
    assert {key.split(":")[0] for key in await keys_of(redis)} == {HERE, THERE}
    await here.close()
    await there.close()


async def test_what_users_did_on_one_site_is_not_counted_on_another(redis_server: RedisServer, redis: Redis):
    here, there = [UserLimits(redis_server.url, prefix=prefix, per_window=5) for prefix in (HERE, THERE)]
    here.check(ANN, 5)
    await here.share()
    there.check(ANN, 1)
    await there.share()

    assert {key.split(":")[0]: int(await redis.get(key)) for key in await keys_of(redis)} == {HERE: 5, THERE: 1}
    await here.stop()
    await there.stop()


async def test_sessions_of_one_site_are_not_those_of_another(redis_server: RedisServer, redis: Redis):
    here, there = [RedisStore(redis_server.url, prefix=prefix) for prefix in (HERE, THERE)]
    await here.open()
    await there.open()

    assert [await here.claim(ANN), await there.claim(ANN), await here.claim(ANN)] == [True, True, False]
    await redis.json().set(f"{HERE}_session:session:{ANN}:", "$", {})
    assert [(await store.sizes())[0] for store in (here, there)] == [1, 0]
    await there.delete(ANN)
    await there.release(ANN)
    assert await keys_of(redis) == {f"{HERE}_session:session:{ANN}:", f"{HERE}:fold:{ANN}"}
    indexes = {f"{site}_session{part}" for site in (HERE, THERE) for part in ("", "_write")}
    assert set(await redis.execute_command("FT._LIST")) == indexes
    await here.close()
    await there.close()


async def test_the_channel_layer_of_one_site_is_not_heard_on_another(redis_server: RedisServer):
    here, there = [HardenedPubSubLayer(hosts=[redis_server.url], prefix=prefix) for prefix in (HERE, THERE)]
    channels = [await layer.new_channel() for layer in (here, there)]
    for layer, channel in zip((here, there), channels, strict=True):
        assert await layer.group_add("conversation.1", channel)
    await here.group_send("conversation.1", {"said": HERE})
    await there.group_send("conversation.1", {"said": THERE})

    async with asyncio.timeout(20):
        heard = [await layer.receive(channel) for layer, channel in zip((here, there), channels, strict=True)]
    assert heard == [{"said": HERE}, {"said": THERE}]
    await here.flush()
    await there.flush()
