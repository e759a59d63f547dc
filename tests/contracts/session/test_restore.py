"""What a device gets back, whichever store keeps the checkpoints."""

import asyncio
import time
from datetime import timedelta

from chat.models import Message
from chat.session import Acked, Drafted, Left, Opened, Read
from chat.session.checkpoints import Claimed
from tests.contracts.session.conftest import LONG_AGO, World, until_good

PHONE, LAPTOP = "phone", "laptop"


async def test_the_first_connection_begins_a_session(world: World):
    node, ann = await world.node(), await world.user()
    first = await node.restore(ann, PHONE)
    assert (first.source, first.restored, first.message_count) == ("new", False, 0)
    assert (first.started_at, first.last_active_at) == (LONG_AGO, LONG_AGO)


async def test_a_session_comes_back_whole_on_another_node(world: World):
    a, b, ann, bob = await world.node("a"), await world.node("b"), await world.user("ann"), await world.user("bob")
    conversation = await world.conversation(ann, bob)
    begun = await a.restore(ann, PHONE)
    world.pass_time(100)
    await world.post(bob, conversation)
    for text in ("one", "two", "three"):
        a.note(ann, await world.post(ann, conversation, text))
    await world.change_membership(ann, conversation, read_seq=4, draft="to be sent")
    a.note(ann, Read(conversation, 4))
    a.note(ann, Drafted(conversation, "to be sent"))
    a.note(ann, Opened(conversation))
    a.note(ann, Acked(PHONE, {conversation: ("e", 4)}))
    world.pass_time(5)
    a.note(ann, Left(PHONE, world.now))
    await a.flush([ann])
    world.pass_time(1000)
    back = await b.restore(ann, PHONE)
    assert (back.source, back.session_id, back.message_count) == ("checkpoint", begun.session_id, 3)
    assert (back.started_at, back.last_active_at) == (LONG_AGO, LONG_AGO + timedelta(seconds=105))
    assert (back.open_conversation, back.cursors) == (conversation, {conversation: ("e", 4)})
    assert (back.drafts, back.read_seqs) == ({conversation: "to be sent"}, {conversation: 4})


async def test_what_happened_after_the_checkpoint_comes_from_the_log(world: World):
    """A killed node folds nothing at its end."""
    a, b, ann = await world.node("a"), await world.node("b"), await world.user()
    conversation = await world.conversation(ann)
    await a.restore(ann, PHONE)
    await a.flush()
    world.pass_time(60)
    await world.post(ann, conversation)
    await world.post(ann, conversation)
    await world.change_membership(ann, conversation, read_seq=2, draft="later")
    back = await b.restore(ann, PHONE)
    assert (back.source, back.message_count, back.last_active_at) == ("checkpoint", 2, world.now)
    assert (back.drafts, back.read_seqs) == ({conversation: "later"}, {conversation: 2})


async def test_what_waits_on_this_node_is_restored_with_the_checkpoint(world: World):
    node, ann = await world.node(), await world.user()
    await node.restore(ann, PHONE)
    await node.flush()
    node.note(ann, Acked(PHONE, {7: ("e", 9)}))
    node.note(ann, Opened(7))
    back = await node.restore(ann, PHONE)
    assert (back.source, back.cursors, back.open_conversation) == ("checkpoint", {7: ("e", 9)}, 7)


async def test_acts_are_folded_without_being_asked_for(world: World):
    node, ann = await world.node(), await world.user()
    await node.restore(ann, PHONE)
    node.note(ann, Opened(7))
    await until_good(node, ann)
    assert (await node.inspect(ann))["open_conversation"] == 7


async def test_two_nodes_that_fold_one_user_at_once_keep_each_others_devices(world: World):
    a, b, ann = await world.node("a"), await world.node("b"), await world.user()
    await a.restore(ann, PHONE)
    await a.flush()
    await b.restore(ann, LAPTOP)
    for position in range(1, 16):
        a.note(ann, Acked(PHONE, {7: ("e", position)}))
        b.note(ann, Acked(LAPTOP, {7: ("e", position)}))
        await asyncio.gather(a.flush([ann]), b.flush([ann]))
        devices = (await a.inspect(ann))["devices"]
        found = {name: (device["node"], device["cursors"]) for name, device in devices.items()}
        assert found == {PHONE: ("a", {"7": ["e", position]}), LAPTOP: ("b", {"7": ["e", position]})}


async def test_a_user_that_another_node_folds_is_left_to_it(world: World):
    node, ann = await world.node(), await world.user()
    session = await node.restore(ann, PHONE)
    await node.flush()
    store = world.new_store()
    await store.open()
    assert await store.claim(ann)
    try:
        await node._checkpoints.fold(ann, [], session_id=session.session_id)
        refused = False
    except Claimed:
        refused = True
    await store.release(ann)
    await store.close()
    assert refused


async def test_every_message_is_counted_once_however_often_and_wherever_the_anchor_moves(world: World):
    a, b, ann, bob = await world.node("a"), await world.node("b"), await world.user("ann"), await world.user("bob")
    conversation = await world.conversation(ann, bob)
    await a.restore(ann, PHONE)
    await b.restore(ann, LAPTOP)
    for count in range(1, 9):
        node = (a, b)[count % 2]
        node.note(ann, await world.post(ann, conversation))
        await world.post(bob, conversation)
        world.pass_time(13)
        await asyncio.gather(a.flush([ann]), b.flush([ann]))
        assert (await (b, a)[count % 2].restore(ann, PHONE)).message_count == count
    assert (await a.inspect(ann))["counted_to"] > 0


async def test_a_message_that_commits_late_with_a_smaller_id_is_counted(world: World):
    """PostgreSQL draws ids before the commit; the anchor must not have passed one that is still to appear."""
    node, ann = await world.node(), await world.user()
    conversation = await world.conversation(ann)
    await node.restore(ann, PHONE)
    early = await world.post(ann, conversation, at=world.now)
    late = await world.post(ann, conversation, at=world.now)
    row = await world.database.write(_taken_out, early.message_id)
    world.pass_time(20)
    node.note(ann, late)
    await node.flush()
    await world.database.write(row.save)
    assert (await node.restore(ann, PHONE)).message_count == 2
    world.pass_time(20)
    await node.flush()
    assert (await node.restore(ann, PHONE)).message_count == 2


def _taken_out(message_id: int) -> Message:
    row = Message.objects.get(pk=message_id)
    Message.objects.filter(pk=message_id).delete()
    return row


async def test_a_session_can_be_inspected_rebuilt_and_cleared(world: World):
    node, ann = await world.node(), await world.user()
    conversation = await world.conversation(ann)
    begun = await node.restore(ann, PHONE)
    node.note(ann, await world.post(ann, conversation, "hello"))
    epoch = "e"
    node.note(ann, Acked(PHONE, {conversation: (epoch, 0)}))
    await node.flush()
    seen = await node.inspect(ann)
    assert (seen["session_id"], seen["source"], seen["checkpoint"]) == (begun.session_id, "checkpoint", "good")
    assert (seen["message_count"], seen["devices"][PHONE]["lag"]) == (1, 1)
    assert 0 < seen["bytes"] < 2000
    rebuilt = await node.rebuild(ann)
    assert (rebuilt["checkpoint"], [entry[4] for entry in rebuilt["window"].values()]) == ("good", ["hello"])
    assert (await node.sizes())["sessions"] >= 1
    await node.clear(ann)
    assert await node.inspect(ann) == {"user_id": ann, "source": "none"}
    again = await node.restore(ann, PHONE)
    assert (again.source, again.message_count) == ("new", 1)
    assert again.session_id != begun.session_id


async def test_a_node_that_stops_saves_what_waits(world: World):
    a, b, ann = await world.node("a"), await world.node("b"), await world.user()
    await a.restore(ann, PHONE)
    a.note(ann, Opened(7))
    await a.stop()
    assert (await b.inspect(ann))["open_conversation"] == 7


async def test_acts_of_a_user_without_a_session_are_let_go(world: World):
    node, ann = await world.node(), await world.user()
    node.note(ann, Opened(7))
    await node.flush()
    assert node.statistics() == {"folds": 1, "failures": 0, "users_waiting": 0}


async def test_a_user_is_folded_at_most_once_a_second(world: World):
    node, ann = await world.node(), await world.user()
    await node.restore(ann, PHONE)
    await until_good(node, ann)
    began, folded = time.monotonic(), node.statistics()["folds"]
    for position in range(100):
        node.note(ann, Acked(PHONE, {7: ("e", position)}))
        await asyncio.sleep(0.003)
    steps = node.statistics()["folds"] - folded
    assert steps <= 1 + (time.monotonic() - began)
    await node.flush()
    assert (await node.inspect(ann))["devices"][PHONE]["cursors"] == {"7": ["e", 99]}
