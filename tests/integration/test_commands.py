"""Every command of the protocol on the wire: its answer, and what the other devices are told."""

from collections.abc import Callable
from typing import Any

import pytest

from chat.proof.device import Device, Refused
from chat.proof.site import Person
from chat.proof.stage import Stage, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

Event = dict[str, Any]


class Room:
    """Ann's group with Bob, one device each on two nodes, and a second device of Ann's on the third."""

    def __init__(self, people: list[Person], group: int, devices: list[Device]) -> None:
        self.ann, self.bob = people
        self.group = group
        self.device, self.far, self.phone = devices


@pytest.fixture
def enter(stage: Stage) -> Callable[[], Any]:
    async def enter() -> Room:
        people = stage.people("ann", "bob")
        group = stage.group(*people)
        places = ((people[0], 1), (people[1], 2), (people[0], 3))
        devices = [await stage.arrive(person, node) for person, node in places]
        return Room(people, group, devices)

    return enter


async def told(listener: Device, /, **fields: Any) -> Event:
    """The first event with these fields that this device is told."""

    def found() -> list[Event]:
        return [event for event in listener.events if fields.items() <= event.items()]

    await eventually(found, what=f"{listener.name} is told {fields}; it was told {list(listener.events)}")
    return found()[0]


async def test_an_edit_replaces_the_text_and_says_when(stage: Stage, enter):
    room = await enter()
    seq = (await room.device.post(room.group, "helo"))["seq"]

    answer = await room.device.edit(room.group, seq, "**hello**")
    await stage.level()

    place = {"conversation": room.group, "seq": seq, "changed_seq": seq + 1, "duplicate": False}
    assert answer == {"type": "ok", "ref": answer["ref"], **place}
    shown = [device.replica(room.group).messages[seq] for device in (room.device, room.far, room.phone)]
    assert shown[0] == shown[1] == shown[2]
    assert (shown[0]["text"], shown[0]["html"].strip()) == ("**hello**", "<p><strong>hello</strong></p>")
    assert shown[0]["edited_at"] >= shown[0]["at"]


async def test_a_deleted_message_keeps_its_place_and_loses_all_that_it_said(stage: Stage, enter):
    room = await enter()
    seq = (await room.device.post(room.group, "oh no"))["seq"]
    await stage.level()
    await room.far.react(room.group, seq, "👍")

    answer = await room.device.delete(room.group, seq)
    again = await room.device.delete(room.group, seq)
    await stage.level()

    assert (answer["changed_seq"], answer["duplicate"]) == (seq + 2, False)
    assert (again["changed_seq"], again["duplicate"]) == (seq + 2, True)
    shown = room.far.replica(room.group).messages[seq]
    assert shown["deleted"] is True
    assert not {"text", "html", "reactions"} & shown.keys()
    with pytest.raises(Refused) as refused:
        await room.device.edit(room.group, seq, "back again")
    assert refused.value.code == "conflict"


async def test_a_reaction_is_put_on_and_taken_off(stage: Stage, enter):
    room = await enter()
    seq = (await room.device.post(room.group, "lunch?"))["seq"]
    await stage.level()

    on = await room.far.react(room.group, seq, "👍")
    await stage.level()
    assert room.phone.replica(room.group).messages[seq]["reactions"] == {"👍": [room.bob.id]}

    off = await room.far.react(room.group, seq, "👍", on=False)
    await stage.level()
    assert "reactions" not in room.phone.replica(room.group).messages[seq]
    assert (on["changed_seq"], off["changed_seq"]) == (seq + 1, seq + 2)


async def test_a_reply_names_what_it_answers_and_only_what_is_there_can_be_answered(stage: Stage, enter):
    room = await enter()
    seq = (await room.device.post(room.group, "lunch?"))["seq"]

    answer = await room.far.post(room.group, "yes", reply_to=seq)
    await stage.level()

    assert room.phone.replica(room.group).messages[answer["seq"]]["reply_to"] == seq
    with pytest.raises(Refused) as refused:
        await room.far.post(room.group, "what?", reply_to=999)
    assert refused.value.code == "not_found"


async def test_only_the_sender_may_edit_and_only_sender_or_owner_delete(stage: Stage, enter):
    room = await enter()
    mine = (await room.device.post(room.group, "mine"))["seq"]
    yours = (await room.far.post(room.group, "yours"))["seq"]

    for forbidden in (room.far.edit(room.group, mine, "x"), room.far.delete(room.group, mine)):
        with pytest.raises(Refused) as refused:
            await forbidden
        assert refused.value.code == "forbidden"
    assert (await room.device.delete(room.group, yours))["seq"] == yours  # the owner of the group


async def test_a_read_position_reaches_every_device_and_never_goes_back(stage: Stage, enter):
    room = await enter()
    for text in ("one", "two", "three"):
        await room.device.post(room.group, text)

    answer = await room.far.read(room.group, 3)
    await told(room.device, type="read", user=room.bob.id, seq=3, conversation=room.group)
    back = await room.far.read(room.group, 2)
    beyond = await room.far.read(room.group, 1000)

    assert [each["seq"] for each in (answer, back, beyond)] == [3, 3, 4]
    await room.phone.wait_for(lambda device: device.reads[room.group, room.bob.id] == 4)


async def test_reading_on_one_device_reads_on_all_of_the_user(stage: Stage, enter):
    room = await enter()
    seq = (await room.far.post(room.group, "news"))["seq"]

    await room.device.read(room.group, seq)

    await room.phone.wait_for(lambda device: device.reads[room.group, room.ann.id] == seq)
    fresh = await stage.arrive(room.ann, 2)
    entry = fresh.entries[room.group]
    assert (entry["read_seq"], entry["unread"]) == (seq, 0)


async def test_a_draft_reaches_the_other_devices_of_its_user_and_nobody_else(stage: Stage, enter):
    room = await enter()

    await room.device.draft(room.group, "See you at")
    event = await told(room.phone, type="draft", conversation=room.group)

    assert (event["text"], event["device"]) == ("See you at", room.device.device_id)
    await room.device.ping()
    assert [each for each in (*room.device.events, *room.far.events) if each["type"] == "draft"] == []


async def test_typing_is_shown_to_the_others(stage: Stage, enter):
    room = await enter()

    await room.device.typing(room.group)
    await told(room.far, type="typing", conversation=room.group, user=room.ann.id, on=True)
    await room.device.typing(room.group, on=False)
    await told(room.far, type="typing", conversation=room.group, user=room.ann.id, on=False)


async def test_what_has_arrived_on_a_device_is_told_to_the_sender(stage: Stage, enter):
    room = await enter()
    seq = (await room.device.post(room.group, "did you get it?"))["seq"]

    await told(room.device, type="delivered", conversation=room.group, user=room.bob.id, seq=seq)


async def test_a_pong_says_how_far_every_conversation_has_got(stage: Stage, enter):
    room = await enter()
    seq = (await room.device.post(room.group, "hello"))["seq"]

    assert (await room.device.ping())["heads"] == {str(room.group): seq}


async def test_a_new_group_appears_on_all_devices_of_its_members(stage: Stage, enter):
    room = await enter()

    answer = await room.device.create([room.bob.username], title="Friday")
    conversation = answer["conversation"]
    stage.conversations[conversation] = [room.ann, room.bob]

    for device in (room.device, room.far, room.phone):
        await device.wait_for(lambda device: device.cursor(conversation) == 1)
        entry = device.entries[conversation]
        assert (entry["kind"], entry["title"], entry["member_count"]) == ("group", "Friday", 2)
        assert [each.get("role") for each in entry["members"]] == ["owner", None]
    await room.far.post(conversation, "good idea")
    await stage.level()
    assert room.phone.transcript(conversation)[-1] == (2, "good idea")


async def test_a_direct_conversation_exists_once(stage: Stage, enter):
    room = await enter()

    first = await room.device.create([room.bob.username])
    again = await room.far.create([room.ann.username])

    assert first["duplicate"] is False
    assert (again["conversation"], again["duplicate"]) == (first["conversation"], True)
    with pytest.raises(Refused) as refused:
        await room.device.create([room.ann.username])
    assert refused.value.code == "conflict"
    with pytest.raises(Refused) as refused:
        await room.device.create(["nobody at all"])
    assert refused.value.code == "not_found"


async def test_a_new_title_is_a_system_message(stage: Stage, enter):
    room = await enter()

    seq = (await room.far.rename(room.group, "Friday lunch"))["seq"]
    await stage.level()

    shown = room.phone.replica(room.group).messages[seq]
    assert (shown["kind"], shown["data"]) == ("system", {"action": "renamed", "title": "Friday lunch"})
    fresh = await stage.arrive(room.bob, 3)
    assert fresh.entries[room.group]["title"] == "Friday lunch"


async def test_an_invited_user_gets_the_conversation_live_with_what_was_said_before(stage: Stage, enter):
    room = await enter()
    (carol,) = stage.people("carol")
    newcomer = await stage.arrive(carol, 3)
    await room.device.post(room.group, "before")

    seq = (await room.device.invite(room.group, [carol.username]))["seq"]
    stage.conversations[room.group].append(carol)
    await newcomer.wait_for(lambda device: room.group in device.entries)  # which counts what is unread by then
    await room.device.post(room.group, "welcome")
    await stage.level()

    data = {"action": "joined", "user": carol.id, "name": carol.username}
    assert room.far.replica(room.group).messages[seq]["data"] == data
    assert newcomer.transcript_hash(room.group) == room.far.transcript_hash(room.group)
    assert newcomer.entries[room.group]["unread"] == 0
    with pytest.raises(Refused) as refused:
        await room.device.invite(room.group, [carol.username])
    assert refused.value.code == "conflict"


async def test_who_leaves_is_told_so_and_the_others_see_it(stage: Stage, enter):
    room = await enter()
    other = await stage.arrive(room.bob, 3)

    seq = (await room.far.leave(room.group))["seq"]
    for device in (room.far, other):
        await device.wait_for(lambda device: room.group in device.left)
    await room.phone.wait_for(lambda device: device.cursor(room.group) == seq)

    assert room.phone.replica(room.group).messages[seq]["data"]["action"] == "left"
    fresh = await stage.arrive(room.bob, 1)
    assert room.group not in fresh.entries


async def test_only_an_owner_removes_members(stage: Stage, enter):
    room = await enter()
    with pytest.raises(Refused) as refused:
        await room.far.remove(room.group, room.ann.id)
    assert refused.value.code == "forbidden"

    seq = (await room.device.remove(room.group, room.bob.id))["seq"]

    await room.far.wait_for(lambda device: room.group in device.left)
    await room.phone.wait_for(lambda device: device.cursor(room.group) == seq)
    assert stage.site.office.do("members_of", room.group) == [room.ann.id]


async def test_members_come_in_pages_with_role_read_position_and_presence(stage: Stage, enter):
    room = await enter()
    (carol,) = stage.people("carol")
    await room.device.invite(room.group, [carol.username])
    await room.far.read(room.group, 2)

    first = await room.device.members(room.group, limit=2)
    rest = await room.device.members(room.group, after=first["members"][-1]["id"])

    def as_shown(person: Person, read_seq: int, *, online: bool) -> Event:
        name = person.username
        return {"id": person.id, "username": name, "name": name, "read_seq": read_seq, "online": online}

    shown = [as_shown(room.ann, 1, online=True) | {"role": "owner"}, as_shown(room.bob, 2, online=True)]
    assert (first["members"], first["has_more"]) == (shown, True)
    assert (rest["members"], rest["has_more"]) == ([as_shown(carol, 2, online=False)], False)


async def test_presence_follows_the_first_and_the_last_device_of_a_user(stage: Stage, enter):
    room = await enter()
    second = await stage.arrive(room.bob, 3)
    await room.device.wait_for(lambda device: room.bob.id in device.online)
    await room.far.close()
    await second.close()
    await told(room.device, type="presence", user=room.bob.id, online=False)
    assert room.device.online == {room.ann.id}

    await stage.arrive(room.bob, 3)
    await room.device.wait_for(lambda device: room.bob.id in device.online)
    told_of = [each["online"] for each in room.device.events if each["type"] == "presence"]
    assert told_of[-2:] == [False, True]


async def test_the_own_devices_hear_of_each_other(stage: Stage, enter):
    room = await enter()
    tablet = await stage.arrive(room.ann, 2)
    seen = {"type": "device", "device": tablet.device_id, "name": tablet.name}
    await told(room.device, **seen, state="online")
    await tablet.close()
    await told(room.device, **seen, state="offline")
    assert [each for each in room.far.events if each["type"] == "device"] == []
