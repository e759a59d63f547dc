"""Coming back: exactly what was missed, once, or a fresh start where the cursor says nothing."""

import pytest

from chat.proof.device import Device
from chat.proof.stage import Stage, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def come_back(stage: Stage, device: Device, node: int) -> list[dict]:
    """Connect again, and return the messages that came with it."""
    came: list[dict] = []
    device.listener = came.append
    await device.connect(stage.url(node))
    return came


async def test_a_device_that_was_away_gets_exactly_what_it_missed_on_another_node(each_stage: Stage):
    stage = each_stage
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    writer, away = await stage.arrive(ann, 1), await stage.arrive(bob, 1)
    await writer.post(group, "seen")
    await stage.level()
    await away.close()
    for text in ("one", "two", "three"):
        await writer.post(group, text)

    came = await come_back(stage, away, 2)

    assert [(each["seq"], each["text"]) for each in came] == [(3, "one"), (4, "two"), (5, "three")]
    assert away.entries[group]["resume"] == "replay"
    assert (away.entries[group]["unread"], away.cursor(group)) == (4, 5)
    assert away.transcript_hash(group) == writer.transcript_hash(group)
    assert await stage.verdict() == []


async def test_coming_back_with_nothing_missed_costs_no_message(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    device = await stage.arrive(bob, 1)
    await device.post(group, "hello")
    await stage.level()
    await device.close()

    assert await come_back(stage, device, 3) == []
    assert device.entries[group]["resume"] == "replay"


async def test_a_message_changed_many_times_comes_back_once_in_its_latest_state(each_stage: Stage):
    stage = each_stage
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    writer, away = await stage.arrive(ann, 1), await stage.arrive(bob, 1)
    seq = (await writer.post(group, "first"))["seq"]
    await stage.level()
    await away.close()
    for text in ("second", "third"):
        await writer.edit(group, seq, text)
    await writer.react(group, seq, "👍")

    came = await come_back(stage, away, 2)

    assert [(each["seq"], each["changed_seq"], each["text"]) for each in came] == [(seq, seq + 3, "third")]
    assert came[0]["reactions"] == {"👍": [ann.id]}
    assert away.cursor(group) == seq + 3


@pytest.mark.parametrize(("missed", "resume", "messages"), [(500, "replay", 500), (501, "snapshot", 50)])
async def test_five_hundred_changes_are_replayed_and_more_become_a_snapshot(
    each_stage: Stage, missed: int, resume: str, messages: int
):
    stage = each_stage
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    away = await stage.arrive(bob, 1)
    await away.close()
    head = stage.site.office.do("fill", group, ann.id, [f"message {i}" for i in range(missed)])

    came = await come_back(stage, away, 2)

    assert away.entries[group]["resume"] == resume
    assert [each["seq"] for each in came] == list(range(head - messages + 1, head + 1))
    assert away.cursor(group) == head == missed + 1


@pytest.mark.parametrize(
    ("epoch", "ahead"),
    [("another", 0), (None, 5), ("another", -1)],
    ids=["another epoch", "ahead of the log", "another epoch and behind"],
)
async def test_a_cursor_that_is_not_of_this_log_brings_a_snapshot(stage: Stage, epoch: str | None, ahead: int):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    stage.site.office.do("fill", group, ann.id, ["one", "two"])
    device = await stage.arrive(bob, 1)
    await device.close()
    held = device.replica(group)
    held.cursor += ahead
    held.epoch = epoch or held.epoch

    came = await come_back(stage, device, 2)

    assert device.entries[group]["resume"] == "snapshot"
    assert [each["seq"] for each in came] == [1, 2, 3]
    assert device.cursor(group) == 3


async def test_a_device_that_never_was_here_gets_the_latest_fifty(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    stage.site.office.do("fill", group, ann.id, [f"message {i}" for i in range(2, 101)])

    device = await stage.arrive(bob, 2)

    assert device.transcript(group) == [(i, f"message {i}") for i in range(51, 101)]
    assert device.entries[group]["unread"] == 99


async def test_a_new_life_of_a_log_brings_everybody_back_to_forget_the_old_one(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    devices = [stage.device(ann), stage.device(bob)]
    for node, device in enumerate(devices, start=1):
        await device.follow([stage.url(node)])
    old = devices[0].replica(group).epoch

    stage.site.office.do("begin_new_epoch", group)
    for device in devices:
        await device.wait_for(lambda device: device.welcomes == 2 and device.is_ready, 20)

    for device in devices:
        assert device.entries[group]["resume"] == "snapshot"
        assert device.replica(group).epoch != old
    await devices[0].post(group, "in the new life")
    await devices[1].wait_for(lambda device: device.cursor(group) == 2)


async def test_a_device_that_hops_over_all_nodes_within_a_second_misses_nothing(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    writer, hopping = await stage.arrive(ann, 1), stage.device(bob)

    for i in range(6):
        await hopping.connect(stage.url(i % 3 + 1))
        await writer.post(group, f"message {i}")
        hopping.abort()
        await eventually(lambda: not hopping.is_connected)
        await writer.post(group, f"between {i}")
    await hopping.connect(stage.url(1))
    await stage.level()

    assert hopping.transcript_hash(group) == writer.transcript_hash(group)
    assert await stage.verdict() == []
