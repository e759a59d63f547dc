"""The session that comes back with a user, on any node, and where it came from."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
import redis

from chat.proof.site import Site
from chat.proof.stage import Stage, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def own_stage(own_site: Site) -> AsyncIterator[Stage]:
    """Two nodes with a Redis that may be emptied."""
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        yield stage
        await stage.close()


async def test_a_first_session_is_new_and_empty(stage: Stage):
    (ann,) = stage.people("ann")

    device = await stage.arrive(ann)

    session = {key: device.session[key] for key in ("restored", "source", "last_active", "message_count")}
    assert session["source"] == "new"
    assert (session["restored"], session["message_count"]) == (False, 0)


async def test_a_session_comes_back_whole_on_another_node(each_stage: Stage):
    stage = each_stage
    ann, bob = stage.people("ann", "bob")
    group, direct = stage.group(ann, bob), stage.direct(ann, bob)
    device = await stage.arrive(ann, 1)
    before = device.session
    for text in ("one", "two", "three"):
        await device.post(group, text)
    await device.read(group, 3)
    await device.draft(direct, "dear Bob")

    for node in (2, 1) * 10:  # a checkpoint may lag behind the log: what was not saved in time is said again
        await device.open(group)
        await device.ask({"type": "ack", "cursors": {str(group): 4}})
        await device.close()
        await asyncio.sleep(0.5)
        await device.connect(stage.url(node))
        if str(group) in device.session.get("cursors", {}):
            break

    session = device.session
    assert (session["id"], session["restored"], session["source"]) == (before["id"], True, "checkpoint")
    assert (session["message_count"], session["open_conversation"]) == (3, group)
    assert session["last_active"] > before["last_active"] if before["last_active"] else session["last_active"]
    assert session["cursors"][str(group)] == {"epoch": device.entries[group]["epoch"], "seq": 4}
    assert (device.entries[group]["read_seq"], device.entries[direct]["draft"]) == (3, "dear Bob")


async def test_a_session_survives_a_socket_that_died_without_a_word(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    device = await stage.arrive(ann, 1)
    await device.post(group, "hello")
    device.abort()
    await eventually(lambda: not device.is_connected)
    session = device.session["id"]

    await device.connect(stage.url(3))

    assert (device.session["id"], device.session["message_count"]) == (session, 1)
    assert device.session["restored"] is True


async def test_a_session_is_shared_by_the_devices_of_a_user_but_cursors_are_not(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    one = await stage.arrive(ann, 1)
    await one.post(group, "hello")
    await one.ask({"type": "ack", "cursors": {str(group): 2}})

    other = await stage.arrive(ann, 2)

    assert other.session["id"] == one.session["id"]
    assert other.session["message_count"] == 1
    assert other.session.get("cursors", {}) == {}


async def test_a_session_whose_checkpoint_is_lost_is_rebuilt_from_the_log(own_stage: Stage):
    stage = own_stage
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    device = await stage.arrive(ann, 1)
    await device.post(group, "hello")
    await device.draft(group, "and")
    await device.close()
    await stage.cluster.restart("server_1")  # nothing is left to be saved
    session = device.session["id"]

    with redis.Redis.from_url(stage.site.redis_url) as client:
        client.flushall()
    await device.connect(stage.url(2))

    assert device.session["source"] == "log"
    assert (device.session["id"], device.session["message_count"]) == (session, 1)
    assert device.entries[group]["draft"] == "and"

    for node in (1, 2) * 10:  # a checkpoint may lag behind the log: it is written after the device has left
        await device.close()
        await asyncio.sleep(0.5)
        await device.connect(stage.url(node))
        if device.session["source"] == "checkpoint":
            break
    assert (device.session["id"], device.session["source"]) == (session, "checkpoint")


async def test_a_session_that_was_forgotten_begins_anew(own_stage: Stage):
    stage = own_stage
    (ann,) = stage.people("ann")
    device = await stage.arrive(ann, 1)
    await device.close()
    old = device.session["id"]

    stage.site.office.do("forget_session", ann.id)
    await device.connect(stage.url(2))

    assert (device.session["source"], device.session["restored"]) == ("new", False)
    assert device.session["id"] != old
