"""A message on its way: from a device on one node to every device of every member, on every node, on every database."""

import asyncio
from uuid import uuid4

import pytest

from chat.proof.device import Refused
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_message_reaches_devices_on_three_nodes_and_all_show_the_same(stage: Stage):
    ann, bob, carol = stage.people("ann", "bob", "carol")
    group = stage.group(ann, bob, carol)
    devices = [await stage.arrive(person, node) for node, person in enumerate((ann, bob, carol), start=1)]

    answers = await asyncio.gather(*(device.post(group, f"{device.name} {i}") for i in range(8) for device in devices))
    await stage.level()

    assert sorted(answer["seq"] for answer in answers) == list(range(2, 26))
    assert [answer["duplicate"] for answer in answers] == [False] * 24
    assert len({device.transcript_hash(group) for device in devices}) == 1
    assert len(devices[0].transcript(group)) == 25
    assert await stage.verdict() == []


async def test_several_devices_of_one_user_on_several_nodes_get_what_the_user_posts(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    devices = [await stage.arrive(ann, node) for node in (1, 2, 3)]

    await devices[1].post(direct, "from my phone")
    await stage.level()

    assert [device.transcript(direct) for device in devices] == [[(1, "from my phone")]] * 3


async def test_two_nodes_write_to_one_conversation_without_a_gap_or_a_double(each_stage: Stage):
    ann, bob = each_stage.people("ann", "bob")
    group = each_stage.group(ann, bob)
    one, other = await each_stage.arrive(ann, 1), await each_stage.arrive(bob, 2)

    answers = await asyncio.gather(*(device.post(group, f"{i}") for i in range(60) for device in (one, other)))
    await each_stage.level()

    assert sorted(answer["seq"] for answer in answers) == list(range(2, 122))
    assert one.transcript_hash(group) == other.transcript_hash(group)
    assert await each_stage.verdict() == []


async def test_the_same_client_id_raced_on_two_nodes_has_one_place(each_stage: Stage):
    ann, bob = each_stage.people("ann", "bob")
    group = each_stage.group(ann, bob)
    one, other = await each_stage.arrive(ann, 1), await each_stage.arrive(ann, 2)

    for _ in range(10):
        name = str(uuid4())
        answers = await asyncio.gather(*(device.post(group, "once", client_id=name) for device in (one, other)))
        assert answers[0]["seq"] == answers[1]["seq"]
        assert sorted(answer["duplicate"] for answer in answers) == [False, True]
    await each_stage.level()

    assert len(one.transcript(group)) == 11
    assert one.transcript(group) == other.transcript(group)


async def test_a_repeat_on_another_node_gets_the_first_place_and_is_shown_once(each_stage: Stage):
    ann, bob = each_stage.people("ann", "bob")
    group = each_stage.group(ann, bob)
    one, other = await each_stage.arrive(ann, 1), await each_stage.arrive(ann, 2)
    name = str(uuid4())

    first = await one.post(group, "hello", client_id=name)
    await one.post(group, "next")
    again = await other.post(group, "hello", client_id=name)
    await each_stage.level()

    assert (first["seq"], first["duplicate"]) == (2, False)
    assert (again["seq"], again["duplicate"]) == (2, True)
    assert other.transcript(group)[1:] == [(2, "hello"), (3, "next")]


async def test_a_client_id_of_another_conversation_is_a_conflict(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group, direct = stage.group(ann, bob), stage.direct(ann, bob)
    device = await stage.arrive(ann)
    name = str(uuid4())
    await device.post(group, "hello", client_id=name)

    with pytest.raises(Refused) as refused:
        await device.post(direct, "hello", client_id=name)

    assert refused.value.code == "conflict"


async def test_concurrent_edits_and_reactions_on_two_nodes_all_take_a_position(each_stage: Stage):
    ann, bob = each_stage.people("ann", "bob")
    group = each_stage.group(ann, bob)
    one, other = await each_stage.arrive(ann, 1), await each_stage.arrive(bob, 2)
    seq = (await one.post(group, "first"))["seq"]
    await each_stage.level()

    changes = [one.edit(group, seq, f"text {i}") for i in range(10)]
    changes += [other.react(group, seq, emoji) for emoji in ("👍", "🎉", "😀", "🚀", "👀")]
    answers = await asyncio.gather(*changes)
    await each_stage.level()

    assert sorted(answer["changed_seq"] for answer in answers) == list(range(3, 18))
    shown = [device.replica(group).messages[seq] for device in (one, other)]
    assert shown[0] == shown[1]
    assert shown[0]["reactions"] == {emoji: [bob.id] for emoji in ("👍", "🎉", "😀", "🚀", "👀")}
    assert await each_stage.verdict() == []
