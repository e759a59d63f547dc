"""Redis killed, emptied, frozen, cut off or silent: posts are still acknowledged, and everybody gets everything."""

import asyncio
import time

from chat.drills.faults.redis_killed import seconds_until_healthy
from chat.ops.redis_server import RedisServer
from chat.proof.evidence import Member
from chat.proof.login import log_in
from chat.proof.site import PASSWORD, Site
from chat.proof.stage import Stage
from tests.faults.conftest import Rehearse

READY_SECONDS = 6.0
HEALTHY_SECONDS = 20.0


async def test_redis_is_killed_and_comes_back_empty(rehearse: Rehearse):
    await rehearse("redis_killed")


async def test_redis_stands_still(rehearse: Rehearse):
    await rehearse("redis_frozen")


async def test_the_subscriptions_are_killed_every_two_seconds(rehearse: Rehearse):
    await rehearse("subscriptions_killed")


async def test_a_silent_partition_between_a_node_and_redis(rehearse: Rehearse):
    await rehearse("redis_silent")


async def test_a_publish_that_is_lost_is_made_up_for_by_the_sweep(rehearse: Rehearse):
    await rehearse("publish_lost")


async def test_sessions_are_rebuilt_from_the_log_when_redis_comes_back_empty(own_site: Site, own_redis: RedisServer):
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        ann, bob = stage.people("ann", "bob")
        group = stage.group(ann, bob)
        device = await stage.arrive(ann, 1)
        await device.post(group, "before")
        session = device.session["id"]
        own_redis.kill()
        await device.post(group, "without Redis")
        await device.close()
        await asyncio.to_thread(own_redis.restart_empty)
        assert await seconds_until_healthy(nodes) < HEALTHY_SECONDS

        came = await stage.arrive(ann, 2)

        assert came.session["source"] in {"log", "checkpoint"}, "node 1 may have folded what it had kept"
        assert (came.session["id"], came.session["message_count"]) == (session, 2)
        assert came.transcript(group)[1:] == [(2, "before"), (3, "without Redis")]
        await stage.close()


async def test_without_redis_a_session_comes_from_the_log(own_site: Site, own_redis: RedisServer):
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        ann, bob = stage.people("ann", "bob")
        group = stage.group(ann, bob)
        device = await stage.arrive(ann, 1)
        await device.post(group, "before")
        session = device.session["id"]
        await device.close()
        own_redis.kill()

        began = time.monotonic()
        cookies = await log_in(nodes.http_url("server_2"), ann.username, PASSWORD)
        came = await stage.arrive(ann, 2, cookies=cookies)
        ready = time.monotonic() - began

        assert (came.session["id"], came.session["source"], came.session["message_count"]) == (session, "log", 1)
        assert ready < READY_SECONDS
        await came.post(group, "after")
        await stage.close()


async def test_a_member_who_is_removed_without_redis_gets_nothing_afterwards(own_site: Site, own_redis: RedisServer):
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        ann, bob, carol = stage.people("ann", "bob", "carol")
        group = stage.group(ann, bob, carol)
        owner, removed, stays = [await stage.arrive(person, node) for person, node in ((ann, 1), (bob, 2), (carol, 2))]
        own_redis.kill()
        position = (await owner.remove(group, bob.id))["seq"]
        await owner.post(group, "secret")
        stage.conversations[group] = [ann, carol]

        await stays.wait_for(lambda device: device.cursor(group) == position + 1, 30)
        await removed.wait_for(lambda device: group in device.left, 30)

        members = {group: [Member(ann.id), Member(carol.id), Member(bob.id, left=position)]}
        assert await stage.verdict(members) == []
        await stage.close()


async def test_drafts_and_read_positions_reach_other_nodes_without_redis(own_site: Site, own_redis: RedisServer):
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        ann, bob = stage.people("ann", "bob")
        group = stage.group(ann, bob)
        one, other = await stage.arrive(ann, 1), await stage.arrive(ann, 2)
        await one.post(group, "hello")
        await stage.level()
        own_redis.kill()

        await one.draft(group, "written without Redis")
        await one.read(group, 2)

        await other.wait_for(lambda device: device.drafts[group] == "written without Redis", 30)
        await other.wait_for(lambda device: device.reads[group, ann.id] == 2, 30)
        await stage.close()
        assert stage.violations == []
        assert "Traceback" not in own_site.log_text(nodes)
