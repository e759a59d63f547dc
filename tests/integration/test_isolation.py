"""Nothing of a conversation reaches anybody who is not in it, whichever door they try."""

import asyncio
from typing import Any

import pytest

from chat.proof.device import Device, Refused
from chat.proof.every_command import commands_about
from chat.proof.evidence import Member
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def refusal(device: Device, command: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        await device.ask(command)
    return f"{command['type']}: {refused.value.code}"


async def test_a_stranger_learns_nothing_and_changes_nothing(each_stage: Stage):
    stage = each_stage
    ann, bob, eve = stage.people("ann", "bob", "eve")
    group = stage.group(ann, bob)
    member, stranger = await stage.arrive(ann, 1), await stage.arrive(eve, 2)
    await member.post(group, "a secret")
    before = stage.site.office.do("log_of", [group])

    for command in commands_about(group, ann.id):
        if command["type"] != "invite":  # of which the names are looked up first
            assert await refusal(stranger, dict(command)) == f"{command['type']}: not_found"
    invite = {"type": "invite", "conversation": group, "members": [eve.username]}
    assert await refusal(stranger, invite) == "invite: not_found"
    await stranger.ask({"type": "ack", "cursors": {str(group): 2}})

    assert (await stranger.ping())["heads"] == {}
    assert stage.site.office.do("log_of", [group]) == before
    assert (stranger.conversations, list(stranger.events)) == ({}, [])
    assert [event for event in member.events if event.get("user") == eve.id] == []


async def test_a_missing_conversation_is_refused_like_a_foreign_one(stage: Stage):
    ann, bob, eve = stage.people("ann", "bob", "eve")
    group = stage.group(ann, bob)
    stranger = await stage.arrive(eve, 2)

    foreign, missing = [
        [await error_of(stranger, command) for command in commands_about(conversation, ann.id)]
        for conversation in (group, 999_999_999)
    ]

    assert foreign == missing


async def error_of(device: Device, command: dict[str, Any]) -> str:
    with pytest.raises(Refused) as refused:
        await device.ask(command)
    return str(refused.value)


async def test_a_cursor_for_a_foreign_conversation_opens_nothing(stage: Stage):
    ann, bob, eve = stage.people("ann", "bob", "eve")
    group = stage.group(ann, bob)
    member = await stage.arrive(ann, 1)
    stranger = stage.device(eve)
    held = stranger._held(group)
    held.epoch, held.cursor = member.entries[group]["epoch"], 0

    await stranger.connect(stage.url(2))
    await member.post(group, "a secret")
    await stage.level()
    await stranger.ping()

    assert (stranger.entries, stranger.received) == ({}, 0)


async def test_a_removed_member_gets_nothing_after_the_removal_on_any_node(stage: Stage):
    ann, bob, carol = stage.people("ann", "bob", "carol")
    group = stage.group(ann, bob, carol)
    owner, poster = await stage.arrive(ann, 1), await stage.arrive(carol, 3)
    removed = [await stage.arrive(bob, node) for node in (1, 2, 3)]

    posting = [asyncio.ensure_future(poster.post(group, f"before and after {i}")) for i in range(60)]
    position = (await owner.remove(group, bob.id))["seq"]
    posting += [asyncio.ensure_future(poster.post(group, f"secret {i}")) for i in range(20)]
    await asyncio.gather(*posting)
    stage.conversations[group] = [ann, carol]
    await stage.level()
    for device in removed:
        await device.wait_for(lambda device: group in device.left)

    texts = {text for device in removed for _, text in device.transcript(group)}
    assert not {text for text in texts if text.startswith("secret")}
    for command in commands_about(group, ann.id):
        if command["type"] != "invite":
            assert await refusal(removed[1], dict(command)) == f"{command['type']}: not_found"
    stays = {group: [Member(ann.id), Member(carol.id), Member(bob.id, left=position)]}
    assert await stage.verdict(stays) == []


async def test_who_is_removed_while_connecting_is_ready_all_the_same_and_holds_no_secret(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    groups = [stage.group(ann, bob) for _ in range(24)]
    owner = await stage.arrive(ann, 3)
    for pause_ms, group in enumerate(groups, start=3):
        connecting = stage.device(bob)
        arrival = asyncio.ensure_future(connecting.connect(stage.url(2)))
        await asyncio.sleep(pause_ms / 1000)
        await owner.remove(group, bob.id)
        await owner.post(group, "secret")

        await arrival
        await connecting.wait_for(lambda device, group=group: group in device.left or group not in device.entries)
        assert "secret" not in [text for _, text in held_of(connecting, group)]
        await connecting.close()


def held_of(device: Device, group: int) -> list[tuple[int, str]]:
    return device.transcript(group) if group in device.conversations else []


async def test_who_is_invited_while_connecting_gets_the_conversation(stage: Stage):
    ann, bob, carol = stage.people("ann", "bob", "carol")
    group = stage.group(ann, bob)
    owner = await stage.arrive(ann, 1)
    newcomer = stage.device(carol)

    arrival = asyncio.ensure_future(newcomer.connect(stage.url(2)))
    await owner.invite(group, [carol.username])
    await arrival
    stage.conversations[group].append(carol)
    await owner.post(group, "welcome")

    await newcomer.wait_for(lambda device: device.cursor(group) == 3, 10)


async def test_who_comes_back_into_a_group_sees_it_again(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    owner, member = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    await member.leave(group)
    await member.wait_for(lambda device: group in device.left)
    await owner.post(group, "while you were out")

    await owner.invite(group, [bob.username])
    await owner.post(group, "welcome back")

    await member.wait_for(lambda device: device.cursor(group) == 5)
    assert group not in member.left
    assert member.transcript_hash(group) == owner.transcript_hash(group)
