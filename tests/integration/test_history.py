"""The past by pages: newest, before a place, around a place."""

import asyncio

import pytest

from chat.proof.device import Refused
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


def places(page: dict) -> list[int]:
    return [message["seq"] for message in page["messages"]]


async def test_the_past_comes_in_pages_back_to_the_first_message(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    stage.site.office.do("fill", group, bob.id, [f"message {i}" for i in range(2, 121)])
    device = await stage.arrive(ann)
    assert sorted(device.replica(group).messages) == list(range(71, 121))

    newest = await device.history(group)
    before = await device.history(group, before=71, limit=60)
    first = await device.history(group, before=11, limit=200)

    assert (places(newest), newest["has_more"]) == (list(range(71, 121)), True)
    assert (places(before), before["has_more"]) == (list(range(11, 71)), True)
    assert (places(first), first["has_more"]) == (list(range(1, 11)), False)
    assert "has_newer" not in newest
    assert device.transcript(group) == [(1, ""), *((i, f"message {i}") for i in range(2, 121))]


async def test_a_permalink_shows_both_sides_of_a_message(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    stage.site.office.do("fill", group, bob.id, [f"message {i}" for i in range(2, 31)])
    device = await stage.arrive(ann)

    async def around(seq: int, limit: int) -> tuple[list[int], bool, bool]:
        command = {"type": "history", "conversation": group, "around": seq, "limit": limit}
        page = await device.ask(command)
        return places(page), page["has_more"], page["has_newer"]

    assert await around(15, 6) == ([13, 14, 15, 16, 17, 18], True, True)
    assert await around(2, 6) == ([1, 2, 3, 4, 5], False, True)
    assert await around(30, 6) == ([28, 29, 30], True, False)
    assert await around(15, 200) == (list(range(1, 31)), False, False)


async def test_long_messages_come_in_shorter_pages_that_each_fit_into_a_frame(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    stage.site.office.do("fill", group, bob.id, ["文" * 8000 for _ in range(60)])
    device = await stage.arrive(ann)
    assert sorted(device.replica(group).messages) == list(range(12, 62))

    page = await device.history(group, limit=200)
    around = await device.ask({"type": "history", "conversation": group, "around": 30, "limit": 50})

    assert 1 < len(page["messages"]) < 60
    assert (places(page)[-1], page["has_more"]) == (61, True)
    assert {29, 30, 31} <= set(places(around)), "the one that was asked for, and its neighbours"
    assert (around["has_more"], around["has_newer"]) == (True, True)
    assert [message["seq"] for message in await device.whole_history(group)] == list(range(1, 62))


async def test_a_burst_of_long_messages_reaches_a_device_in_frames_that_it_takes(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    sender, near, far = [await stage.arrive(*place) for place in ((ann, 1), (bob, 1), (bob, 2))]

    await asyncio.gather(*(sender.post(group, "文" * 8000) for _ in range(25)))
    await stage.level()

    assert [device.welcomes for device in (sender, near, far)] == [1, 1, 1], "nobody was thrown out"
    assert await stage.verdict() == []


async def test_a_page_before_the_beginning_is_empty(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    device = await stage.arrive(ann)

    page = await device.history(group, before=1)

    assert (page["messages"], page["has_more"]) == ([], False)
    with pytest.raises(Refused) as refused:
        await device.history(group, limit=201)
    assert refused.value.code == "bad_command"
