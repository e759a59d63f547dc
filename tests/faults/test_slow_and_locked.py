"""Devices that do not read or never stop talking, bad lines, and a database that somebody else holds."""

import asyncio
import sqlite3
from urllib.parse import urlsplit

from chat.proof.site import Site
from chat.proof.stage import Stage
from tests.faults.conftest import Rehearse

TEXT = "文" * 8000
POSTS = 50


async def test_twenty_devices_that_never_read_are_let_go_and_complete_when_they_come_back(rehearse: Rehearse):
    await rehearse("mute_readers")


async def test_a_hundred_thousand_frames_at_once_are_limited_then_cut_off(rehearse: Rehearse):
    await rehearse("flood")


async def test_slow_frozen_cut_and_silent_lines_lose_nothing(rehearse: Rehearse):
    await rehearse("bad_network")


async def test_a_device_that_does_not_read_is_closed_by_the_node_not_by_itself(own_site: Site):
    async with own_site.cluster(1) as nodes:
        stage = Stage(own_site, nodes)
        ann, bob = stage.people("ann", "bob")
        group = stage.group(ann, bob)
        writer, reader = await stage.arrive(ann), await stage.arrive(bob)
        transport = reader._socket.transport
        transport.pause_reading()
        for _ in range(POSTS * 6):
            await writer.post(group, TEXT)
        await asyncio.sleep(2.0)  # a second to say goodbye, then the node aborts

        transport.resume_reading()
        await reader.wait_for(lambda device: not device.is_connected, 20)

        assert reader.close_code in {4408, 1006}
        assert reader.cursor(group) < 1 + POSTS * 6
        await reader.connect(stage.url(1))
        await stage.level()
        assert await stage.verdict() == []
        await stage.close()


async def test_a_database_that_somebody_locks_for_three_seconds_loses_and_doubles_nothing(own_site: Site):
    file = urlsplit(own_site.database_url).path.removeprefix("/")
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        ann, bob = stage.people("ann", "bob")
        group = stage.group(ann, bob)
        one, other = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
        foreign = sqlite3.connect(f"/{file}", isolation_level=None)
        foreign.execute("BEGIN IMMEDIATE")

        posts = [asyncio.ensure_future(device.post(group, f"{i}")) for i in range(20) for device in (one, other)]
        await asyncio.sleep(3.0)
        assert not any(post.done() for post in posts), "nothing is acknowledged before it is committed"
        assert await nodes.nodes["server_1"]._readiness() in {200, 503, 0}
        foreign.execute("COMMIT")
        foreign.close()
        answers = await asyncio.gather(*posts)
        await stage.level()

        assert sorted(answer["seq"] for answer in answers) == list(range(2, 42))
        assert one.transcript_hash(group) == other.transcript_hash(group)
        assert await stage.verdict() == []
        await stage.close()
