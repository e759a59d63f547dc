"""Nodes that are killed, frozen or stopped under load, and at the worst possible moment."""

import asyncio
from uuid import uuid4

from chat.drills.playing import play
from chat.drills.scale import SHORT
from chat.drills.soak import CHAPTERS, soak
from chat.ops.redis_server import RedisServer
from chat.proof.raw import mute_device
from chat.proof.site import Site
from chat.proof.stage import Stage
from tests.faults.conftest import Rehearse


async def test_each_node_in_turn_is_killed_and_nothing_is_lost_doubled_or_reordered(rehearse: Rehearse):
    await rehearse("nodes_killed")


async def test_a_node_that_dies_between_commit_and_publish_loses_nothing(rehearse: Rehearse):
    await rehearse("killed_mid_commit")


async def test_a_rolling_restart_loses_nothing_and_closes_no_socket_without_a_word(rehearse: Rehearse):
    await rehearse("rolling_restart")


async def test_a_frozen_node_loses_its_devices_and_its_answer_to_the_others_and_harms_nothing_when_it_thaws(
    rehearse: Rehearse,
):
    await rehearse("node_frozen")


async def test_a_hundred_reconnects_while_others_post_skip_nothing(rehearse: Rehearse):
    await rehearse("join_race")


async def test_all_devices_of_a_dead_node_come_to_the_others_at_once(rehearse: Rehearse):
    await rehearse("storm")


async def test_whatever_happens_in_whatever_order_devices_and_log_are_what_a_model_says(rehearse: Rehearse):
    await rehearse("model")


async def test_a_draining_node_is_not_ready_and_waits_for_no_device_that_is_mute(own_site: Site):
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        (ann,) = stage.people("ann")
        mute = await mute_device(stage.url(1), ann.cookies, str(uuid4()))
        node = nodes.nodes["server_1"]

        ending = asyncio.ensure_future(nodes.terminate("server_1"))
        statuses = []
        while not ending.done():
            statuses.append(await node._readiness())
            await asyncio.sleep(0.02)
        mute.close()

        assert 503 in statuses
        assert (await ending).code == 0
        assert ending.result().seconds <= 10.5


async def test_what_a_drained_node_acknowledged_is_in_the_log_and_in_the_sessions(own_site: Site):
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        ann, bob = stage.people("ann", "bob")
        group = stage.group(ann, bob)
        device = await stage.arrive(ann, 1)
        posts = [asyncio.ensure_future(device.post(group, f"{i}")) for i in range(100)]
        await asyncio.sleep(0.02)
        await nodes.terminate("server_1")
        await device.connect(stage.url(2))
        answers = await asyncio.gather(*posts)
        await stage.level()

        assert sorted(answer["seq"] for answer in answers) == list(range(2, 102))
        assert device.transcript(group)[1:] == [(answer["seq"], f"{i}") for i, answer in enumerate(answers)]
        assert await stage.verdict() == []
        await stage.close()


async def test_people_who_come_and_go_while_everything_happens_leave_nothing_behind(
    own_site: Site, own_redis: RedisServer
):
    outcome = await play(soak(minutes=0.1), own_site, own_redis, SHORT)
    assert outcome.failures == []
    assert {len(counts) for counts in outcome.series.values()} == {outcome.measured[CHAPTERS]}
