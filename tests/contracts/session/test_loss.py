"""Whatever happens to the checkpoints, a restore equals what SQL alone would give."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

from chat.database import Database
from chat.models import Conversation
from chat.ops.redis_probe import probe
from chat.ops.redis_program import find_redis
from chat.ops.redis_server import VAR, RedisServer
from chat.proof.damage import DAMAGES, Damage, ahead_of_the_anchor
from chat.session import Acked, Opened, Restored, SessionService, checkpoints
from chat.session.checkpoints import Checkpoints
from chat.session.redis_store import BoundedKeys, RedisStore
from tests.contracts.session.conftest import PREFIX, World, until_good

PHONE = "phone"


async def used_session(world: World, node: SessionService) -> tuple[int, int]:
    ann = await world.user()
    conversation = await world.conversation(ann)
    await node.restore(ann, PHONE)
    for _ in range(3):
        node.note(ann, await world.post(ann, conversation))
    await world.change_membership(ann, conversation, read_seq=2, draft="half a")
    node.note(ann, Opened(conversation))
    await node.flush()
    world.pass_time(100)
    return ann, conversation


async def from_sql_alone(world: World, user: int) -> Restored:
    """What a node without any store says; it is not started, so that it saves nothing."""
    alone = SessionService(world.database, Checkpoints(None), node_name="c", clock=lambda: world.now)
    return await alone.restore(user, PHONE)


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_checkpoint_is_answered_from_the_log_and_replaced(
    redis_world: World, redis: Redis, damage: Damage
):
    node = await redis_world.node()
    ann, _ = await used_session(redis_world, node)
    expected = await from_sql_alone(redis_world, ann)
    await damage(redis, f"{PREFIX}_session:session:{ann}:")
    assert await node.restore(ann, PHONE) == expected
    assert expected.source == "log"
    await node.flush()
    assert (await node.inspect(ann))["checkpoint"] == "good"
    assert replace(await node.restore(ann, PHONE), last_active_at=expected.last_active_at) == replace(
        expected, source="checkpoint"
    )
    assert node.statistics()["failures"] == 0


@pytest.mark.parametrize("damage", DAMAGES)
async def test_an_act_folded_after_the_damage_rebuilds_the_checkpoint_with_the_devices_that_are_here(
    redis_world: World, redis: Redis, damage: Damage
):
    node = await redis_world.node()
    ann, conversation = await used_session(redis_world, node)
    await damage(redis, f"{PREFIX}_session:session:{ann}:")
    node.note(ann, Opened(conversation))
    await node.flush()
    seen = await node.inspect(ann)
    if damage is ahead_of_the_anchor:  # a restore notices
        assert seen["checkpoint"] == "outdated"
    else:
        assert (seen["checkpoint"], seen["devices"][PHONE]["node"]) == ("good", "a")
        assert (seen["open_conversation"], seen["message_count"]) == (conversation, 3)


async def test_a_log_of_another_epoch_outdates_the_checkpoint(redis_world: World):
    node = await redis_world.node()
    ann, conversation = await used_session(redis_world, node)
    assert (await node.restore(ann, PHONE)).source == "checkpoint"
    await redis_world.database.write(lambda: Conversation.objects.filter(pk=conversation).update(epoch="another"))
    assert (await node.restore(ann, PHONE)).source == "log"
    await node.flush()
    assert (await node.restore(ann, PHONE)).source == "checkpoint"


async def test_a_log_that_is_behind_the_checkpoint_outdates_it(redis_world: World):
    node = await redis_world.node()
    ann, conversation = await used_session(redis_world, node)
    await node.restore(ann, PHONE)
    await node.flush()
    await redis_world.database.write(lambda: Conversation.objects.filter(pk=conversation).update(head=1))
    assert (await node.restore(ann, PHONE)).source == "log"


async def test_without_redis_everything_works_from_sql_and_says_why(database: Database):
    world = World(database, lambda: RedisStore("redis://127.0.0.1:1/0", prefix=PREFIX))
    node = await world.node()
    ann, _ = await used_session(world, node)
    assert await node.restore(ann, PHONE) == await from_sql_alone(world, ann)
    assert node.health()["checkpointer"] == "none"
    assert node.health()["reason"].startswith("RedisSearchError: ")
    assert await node.sizes() == {"sessions": 0, "bytes": 0}
    await world.close()


async def test_a_redis_without_modules_is_as_good_as_none_and_says_why(database: Database, tmp_path: Path):
    bare = replace(find_redis(VAR), modules=())
    with RedisServer(tmp_path, program=bare) as server:
        if probe(server.url).has_modules:
            pytest.skip("this Redis has its modules built in")
        world = World(database, lambda: RedisStore(server.url, prefix=PREFIX))
        node = await world.node()
        ann, _ = await used_session(world, node)
        assert await node.restore(ann, PHONE) == await from_sql_alone(world, ann)
        assert node.health()["checkpointer"] == "none"
        assert "unknown command" in node.health()["reason"]
        await world.close()


async def test_a_redis_that_comes_back_empty_is_used_again_and_gets_what_waited(
    redis_world: World, redis_server: RedisServer
):
    node = await redis_world.node()
    ann, conversation = await used_session(redis_world, node)
    redis_server.kill()
    node.note(ann, Opened(conversation + 1))
    await node.flush()
    assert node.health()["checkpointer"] == "none"
    redis_server.restart_empty()
    await until_good(node, ann)
    assert node.health() == {"checkpointer": "redis", "reason": ""}
    assert (await node.inspect(ann))["open_conversation"] == conversation + 1


async def test_what_redis_still_has_after_an_outage_is_not_thrown_away(redis_world: World, redis_server: RedisServer):
    node = await redis_world.node()
    ann, conversation = await used_session(redis_world, node)
    node.note(ann, Acked(PHONE, {conversation: ("e", 2)}))
    await node.flush()
    redis_server.kill()
    assert (await node.restore(ann, PHONE)).source == "log"
    redis_server.start()
    await until_good(node, ann)
    assert (await node.restore(ann, PHONE)).cursors == {conversation: ("e", 2)}


async def test_a_storm_of_restores_is_not_taken_for_a_store_that_is_away(
    redis_world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(checkpoints, "CALL_SECONDS", 20.0)  # a busy machine is not a store that is away either
    node = await redis_world.node()
    ann, _ = await used_session(redis_world, node)
    storm = await asyncio.gather(*(node.restore(ann, f"device-{number}") for number in range(200)))
    assert {restored.source for restored in storm} == {"checkpoint"}


async def test_a_store_that_is_lost_is_closed_after_the_calls_that_use_it(
    redis_world: World, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    node = await redis_world.node()
    ann, _ = await used_session(redis_world, node)
    monkeypatch.setattr(checkpoints, "CALL_SECONDS", 0.001)
    await asyncio.gather(*(node.restore(ann, f"device-{number}") for number in range(50)))
    monkeypatch.undo()
    await node.stop()
    names = {client["id"] for client in await redis.client_list()}
    assert names == {str(await redis.client_id())}


async def test_a_frozen_redis_holds_one_restore_for_a_moment_and_the_next_not_at_all(
    redis_world: World, redis_server: RedisServer
):
    node = await redis_world.node()
    ann, _ = await used_session(redis_world, node)
    expected = await from_sql_alone(redis_world, ann)
    redis_server.freeze()
    try:
        async with asyncio.timeout(10):  # it waits a second; a stock client waits for ever
            assert await node.restore(ann, PHONE) == expected
        assert node.health()["checkpointer"] == "none"
        async with asyncio.timeout(10):  # twenty seconds, if each asked Redis
            for _ in range(20):
                again = await node.restore(ann, PHONE)
        assert replace(again, last_active_at=expected.last_active_at) == expected
    finally:
        redis_server.thaw()


async def test_four_nodes_that_start_at_once_all_find_the_store_ready(redis_world: World, redis: Redis):
    for _ in range(5):
        await redis.flushall()
        nodes = await asyncio.gather(*(redis_world.node(name) for name in "abcd"))
        assert [node.health() for node in nodes] == [{"checkpointer": "redis", "reason": ""}] * 4


async def test_three_hundred_folds_leave_one_key_and_cost_the_same_commands_each(redis_world: World, redis: Redis):
    node = await redis_world.node()
    ann, conversation = await used_session(redis_world, node)
    costs = []
    for _ in range(3):
        await redis.config_resetstat()
        for number in range(100):
            node.note(ann, Opened(conversation + number % 2))
            await node.flush()
        costs.append(await commands(redis))
    assert costs[0] == costs[1] == costs[2]
    assert costs[0] == dict.fromkeys(("set", "json.get", "zcard", "json.set", "expire", "del"), 100)
    assert await redis.keys() == [f"{PREFIX}_session:session:{ann}:".encode()]
    assert 29 * 86400 < await redis.ttl(f"{PREFIX}_session:session:{ann}:") <= 30 * 86400


async def commands(redis: Redis) -> dict[str, int]:
    """How often each command ran, those apart that keep connections alive or ask this."""
    counted = {
        name.removeprefix("cmdstat_"): stat["calls"] for name, stat in (await redis.info("commandstats")).items()
    }
    return {name: calls for name, calls in counted.items() if name.split("|")[0] not in {"config", "info", "ping"}}


def test_the_cache_of_keys_is_bounded():
    keys = BoundedKeys()
    for number in range(5000):
        keys[str(number)] = "key"
    assert len(keys) == 1000
