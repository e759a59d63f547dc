"""Nodes that are killed, frozen or stopped under load, and at the worst possible moment."""

import asyncio
from uuid import uuid4

import pytest

from chat.proof.device import Lost
from tests.faults.traffic import Drill, Traffic, breathe
from tests.integration.raw import mute_device
from tests.integration.site import Site
from tests.integration.stage import Stage, eventually


async def test_each_node_in_turn_is_killed_and_nothing_is_lost_doubled_or_reordered(drill: Drill):
    async with Traffic(drill):
        for name in drill.cluster.names:
            await breathe(1.0)
            await drill.cluster.kill(name)
            await breathe(1.5)
            await drill.cluster.restart(name)
        await breathe(1.0)
    await drill.finish()

    assert await drill.verdict() == []


@pytest.mark.parametrize("point", ["after_commit", "before_publish"])
async def test_a_node_that_dies_between_commit_and_publish_loses_nothing(own_site: Site, point: str):
    """The post is in the log, published by nobody; the resend of one that was not acknowledged gets its place."""
    armed = {"server_1": {"DISTCHAT_FAILPOINT": f"{point}:3"}}
    async with own_site.cluster(2, each=armed) as nodes:
        stage = Stage(own_site, nodes)
        ann, bob = stage.people("ann", "bob")
        group = stage.group(ann, bob)
        writer, reader = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
        for text in ("one", "two"):
            await writer.post(group, text)

        name = str(uuid4())
        posting = asyncio.ensure_future(writer.post(group, "three", client_id=name))
        await eventually(lambda: not nodes.nodes["server_1"].is_running)
        # Nothing published it, and nobody has sent it again: the sweep finds it.
        await reader.wait_for(lambda device: device.cursor(group) == 4, 10)
        await writer.connect(stage.url(2))
        answer = await posting
        await stage.level()

        assert (answer["seq"], answer["duplicate"]) == (4, point == "after_commit")
        assert reader.transcript(group)[1:] == [(2, "one"), (3, "two"), (4, "three")]
        assert await stage.verdict() == []
        await stage.close()


async def test_a_node_dies_between_commit_and_acknowledgement_under_load(own_site: Site):
    armed = {"server_2": {"DISTCHAT_FAILPOINT": "after_commit:30"}}
    async with own_site.cluster(3, each=armed) as nodes:
        drill = await Drill.begin(own_site, nodes)
        async with Traffic(drill) as traffic:
            await eventually(lambda: not nodes.nodes["server_2"].is_running, seconds=30, what="the fail point")
            await breathe(1.0)
            await nodes.restart("server_2", environment={})
            await breathe(1.0)
        await drill.finish()

        assert [post.result()["duplicate"] for post in traffic.posts].count(True) >= 1
        assert await drill.verdict() == []
        await drill.close()


async def test_a_frozen_node_loses_its_devices_to_the_others_and_harms_nothing_when_it_thaws(own_site: Site):
    async with own_site.cluster(3) as nodes:
        drill = await Drill.begin(own_site, nodes)
        for device in drill.devices:
            device.heartbeat_seconds = 1.0  # notice a silent node in three seconds
        async with Traffic(drill):
            await breathe(1.0)
            nodes.freeze("server_2")
            await breathe(10.0)
            assert all(device.is_ready for device in drill.devices), "everybody is elsewhere"
            nodes.thaw("server_2")
            await breathe(2.0)
        await drill.finish()

        assert await drill.verdict() == []
        await drill.close()


async def test_a_hundred_reconnects_while_others_post_skip_nothing(drill: Drill):
    joining = [device for i, device in enumerate(drill.devices) if i % 2]

    async def come_and_go(device) -> None:
        for _ in range(12):
            device.abort()
            await device.wait_for(lambda device: not device.is_ready, 5)
            await device.wait_for(lambda device: device.is_ready, 20)

    async with Traffic(drill, per_second=80):
        await asyncio.gather(*map(come_and_go, joining))
    await drill.finish()

    assert sum(device.welcomes for device in joining) >= 100
    assert await drill.verdict() == []


async def test_a_drain_sends_everybody_away_in_good_order_under_load(drill: Drill):
    nodes, history = drill.cluster, drill.history
    async with Traffic(drill):
        await breathe(1.0)
        begun = history.clock()
        there = {device.name for device in drill.devices if device.node == "server_1" and device.is_connected}
        end = await nodes.terminate("server_1")
        await breathe(1.0)
        closes = {line.device: (line.seq, line.via) for line in history if line.what == "closed" and line.at >= begun}
        await nodes.restart("server_1")
    await drill.finish()

    assert len(there) == 6
    assert closes == dict.fromkeys(there, (1012, "restart"))
    assert end.code == 0
    assert end.seconds <= 10.5
    assert await drill.verdict() == []


async def test_a_rolling_restart_loses_nothing(drill: Drill):
    async with Traffic(drill):
        for name in drill.cluster.names:
            end = await drill.cluster.terminate(name)
            assert end.code == 0
            await drill.cluster.restart(name)
    await drill.finish()

    closes = [(line.seq, line.via) for line in drill.history if line.what == "closed"]
    assert set(closes) == {(1012, "restart")}
    assert await drill.verdict() == []


async def test_a_drain_right_after_fifty_handshakes_ends_in_time_without_a_bare_close(own_site: Site):
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        people = stage.people(*(f"user_{i}_" for i in range(10)))
        stage.group(*people)
        devices = [stage.device(person) for person in people * 5]
        arrivals = [asyncio.ensure_future(device.connect(stage.url(1))) for device in devices]
        await asyncio.sleep(0.3)

        end = await nodes.terminate("server_1")
        results = await asyncio.gather(*arrivals, return_exceptions=True)
        await eventually(lambda: not any(device.is_connected for device in devices))

        assert (end.code, end.seconds <= 10.5) == (0, True)
        said = {(device.close_code, device.bye.get("reason")) for device in devices if device.welcomes}
        assert said <= {(1012, "restart")}
        assert all(isinstance(each, dict | Lost | OSError) for each in results), results
        await stage.close()


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
