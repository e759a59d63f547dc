"""Whoever stays connected and whoever comes back later end with the same state, for every kind of event."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chat.proof.device import Device
from chat.proof.site import Person
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

State = dict[str, Any]


class Scene:
    """Ann's group with Bob and Carol; Bob and Carol act, Ann's devices watch."""

    def __init__(self, stage: Stage, people: list[Person], group: int, bob: Device, carol: Device) -> None:
        self.stage, self.group, self.bob, self.carol = stage, group, bob, carol
        self.ann, self.bob_person, self.carol_person, self.dora_person = people


async def post(scene: Scene) -> None:
    await scene.bob.post(scene.group, "hello **there**")


async def reply(scene: Scene) -> None:
    await scene.bob.post(scene.group, "yes", reply_to=2)


async def edit(scene: Scene) -> None:
    await scene.bob.edit(scene.group, 2, "an edited message")


async def edit_twice(scene: Scene) -> None:
    await scene.bob.edit(scene.group, 2, "an edited message")
    await scene.bob.post(scene.group, "in between")
    await scene.bob.edit(scene.group, 2, "edited again")


async def delete(scene: Scene) -> None:
    await scene.bob.delete(scene.group, 2)


async def react(scene: Scene) -> None:
    await scene.carol.react(scene.group, 2, "👍")
    await scene.bob.react(scene.group, 2, "👍")


async def take_back_a_reaction(scene: Scene) -> None:
    await scene.carol.react(scene.group, 3, "🎉", on=False)


async def read(scene: Scene) -> None:
    await scene.bob.read(scene.group, 3)


async def read_by_the_same_user(scene: Scene) -> None:
    other = await scene.stage.arrive(scene.ann, 2)
    await other.read(scene.group, 3)
    await other.close()


async def draft(scene: Scene) -> None:
    other = await scene.stage.arrive(scene.ann, 2)
    await other.draft(scene.group, "not sent yet")
    await other.ping()
    await other.close()


async def clear_the_draft(scene: Scene) -> None:
    other = await scene.stage.arrive(scene.ann, 2)
    await other.draft(scene.group, "")
    await other.ping()
    await other.close()


async def rename(scene: Scene) -> None:
    await scene.bob.rename(scene.group, "A better title")


async def invite(scene: Scene) -> None:
    await scene.bob.invite(scene.group, [scene.dora_person.username])


async def invite_someone_who_is_here(scene: Scene) -> None:
    await scene.stage.arrive(scene.dora_person, 3)
    await scene.bob.invite(scene.group, [scene.dora_person.username])


async def someone_invited_comes_online(scene: Scene) -> None:
    await scene.bob.invite(scene.group, [scene.dora_person.username])
    await scene.stage.arrive(scene.dora_person, 3)


async def leave(scene: Scene) -> None:
    await scene.carol.leave(scene.group)


async def go_offline(scene: Scene) -> None:
    await scene.carol.close()


CHANGES: list[Callable[[Scene], Awaitable[None]]] = [
    *(post, reply, edit, edit_twice, delete, react, take_back_a_reaction, read, read_by_the_same_user, draft),
    *(clear_the_draft, rename, invite, invite_someone_who_is_here, someone_invited_comes_online, leave, go_offline),
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
async def test_a_stale_state_and_live_events_equal_a_fresh_state(stage: Stage, change):
    people = stage.people("ann", "bob", "carol", "dora")
    ann, bob, carol, _ = people
    group = stage.group(ann, bob, carol)
    actors = [await stage.arrive(bob, 1), await stage.arrive(carol, 3)]
    scene = Scene(stage, people, group, *actors)
    await scene.bob.post(group, "a message to change")
    await scene.bob.post(group, "another")
    await scene.carol.react(group, 3, "🎉")
    live, away = await stage.arrive(ann, 1), await stage.arrive(ann, 1)
    await live.draft(group, "an old draft")
    await away.wait_for(lambda device: device.drafts[group] == "an old draft")
    await live.wait_for(lambda device: {bob.id, carol.id} <= device.online)
    await away.close()
    live.drafts[group] = "an old draft"  # whoever wrote a draft is not told of it

    await change(scene)
    head = stage.site.office.do("heads", [group])[str(group)]
    await live.wait_for(lambda device: device.cursor(group) == head)
    fresh = await stage.arrive(ann, 2)
    await away.connect(stage.url(3))

    for device in (away, live):  # who is online is told by one node to the other a moment later
        await device.wait_for(lambda device: state_of(device, group) == state_of(fresh, group), 8)


def state_of(device: Device, group: int) -> State:
    """All that this device shows of the group."""
    messages = dict(sorted(device.replica(group).messages.items()))
    said = [message["data"] | {"seq": seq} for seq, message in messages.items() if message.get("data")]
    joined = {data["user"]: data["seq"] for data in said if data["action"] == "joined"}
    gone = {data["user"] for data in said if data["action"] in ("left", "removed")}
    members = ({each["id"] for each in device.entries[group]["members"]} | joined.keys()) - gone
    return {
        "messages": messages,
        "title": [data["title"] for data in said if "title" in data][-1],
        "members": sorted(members),
        "reads": {user: device.reads.get((group, user), joined.get(user)) for user in sorted(members)},
        "draft": device.drafts[group],
        "online": sorted(device.online & members),
        "cursor": device.cursor(group),
    }


async def test_the_title_and_the_members_of_a_fresh_entry_are_those_that_the_messages_tell(stage: Stage):
    ann, bob, carol = stage.people("ann", "bob", "carol")
    group = stage.group(ann, bob)
    device = await stage.arrive(ann, 1)
    await device.rename(group, "Another title")
    await device.invite(group, [carol.username])
    await device.remove(group, bob.id)

    entry = (await stage.arrive(ann, 2)).entries[group]

    assert entry["title"] == "Another title"
    assert [each["id"] for each in entry["members"]] == [ann.id, carol.id]
    assert entry["member_count"] == 2
