"""What a user chooses with a page on one node holds on the devices of all, live or when they come back."""

from typing import Any

import httpx
import pytest

from chat.proof.device import Device
from chat.proof.login import log_in
from chat.proof.site import PASSWORD, Person
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUT_SECONDS = 5.0
"""Far more than the second that is promised, so that a busy machine fails no test."""
TOKEN = "c" * 32
"""Any token will do, as long as the cookie and the header say the same: what CSRF asks of a page is our origin."""


async def submit(stage: Stage, cookies: str, path: str) -> None:
    """Press a button of a form on node 1."""
    base = stage.cluster.http_url(stage.cluster.names[0])
    cookies = "; ".join(each for each in cookies.split("; ") if not each.startswith("csrftoken="))
    headers = {"Cookie": f"{cookies}; csrftoken={TOKEN}", "Origin": base.rstrip("/")}
    async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as browser:
        answer = await browser.post(path, data={"csrfmiddlewaretoken": TOKEN})
        assert answer.status_code == 302, answer.text


async def choose(stage: Stage, person: Person, path: str, node: int = 1, **fields: object) -> Any:
    """POST as a page of ours does; what it was answered."""
    base = stage.cluster.http_url(stage.cluster.names[node - 1])
    headers = {"Cookie": f"{person.cookies}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN, "Origin": base.rstrip("/")}
    async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False) as browser:
        answer = await browser.post(path, json=fields)
        assert answer.status_code == 200, answer.text
        return answer.json()


def choices(device: Device, group: int) -> tuple[int, bool, int]:
    """How far the group is read, whether it is silent, and how much is unread, as the device knows it."""
    entry = device.entries[group]
    return device.reads[group, device.user["id"]], entry.get("muted", False), entry["unread"]


async def test_silence_and_unread_marks_reach_every_device_and_the_ones_that_were_away(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    away = await stage.arrive(ann, 2)
    live, other = await stage.arrive(ann, 2), await stage.arrive(bob, 3)
    for text in ("one", "two", "three"):
        await other.post(group, text)
    await stage.level(live, away)
    await live.read(group, 4)
    await other.wait_for(lambda device: device.reads[group, ann.id] == 4)
    await away.close()

    said = await choose(stage, ann, f"/conversations/{group}/unread", seq=3)
    assert said == {"read_seq": 2, "unread": 2, "muted": False}
    said = await choose(stage, ann, f"/conversations/{group}/mute", node=3, on=True)
    assert said == {"read_seq": 2, "unread": 2, "muted": True}
    await live.wait_for(lambda device: choices(device, group) == (2, True, 2))
    await away.connect(stage.url(1))
    fresh = await stage.arrive(ann, 3)

    assert choices(away, group) == choices(fresh, group) == choices(live, group)
    assert other.reads[group, ann.id] == 4
    assert choices(other, group)[1] is False

    await live.read(group, 4)
    await choose(stage, ann, f"/conversations/{group}/mute", on=False)
    await away.wait_for(lambda device: choices(device, group) == (4, False, 0))


async def test_language_and_theme_reach_every_device_and_the_next_welcome(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    live, stranger = await stage.arrive(ann, 2), await stage.arrive(bob, 1)

    chosen = {"language": "zh-hans", "theme": "dark"}
    assert await choose(stage, ann, "/preferences", **chosen) == chosen
    await live.wait_for(lambda device: {"type": "preferences", **chosen} in device.events)
    fresh = await stage.arrive(ann, 3)

    assert fresh.welcome["preferences"] == chosen
    await stranger.ping()
    assert [event for event in stranger.events if event["type"] == "preferences"] == []
    assert stranger.welcome["preferences"] == {}


async def test_revoking_all_others_tells_their_pages_on_every_node_and_keeps_this_one(stage: Stage):
    (ann,) = stage.people("ann")
    mine = await stage.arrive(ann, 1)
    others = [await stage.arrive(ann, node, cookies=stage.site.office.do("log_in", ann.id)) for node in (1, 2, 3)]

    await submit(stage, ann.cookies, "/accounts/devices/revoke-others/")

    for other in others:
        await other.wait_for(lambda device: not device.is_connected, OUT_SECONDS)
    assert [(other.close_code, other.bye["reason"]) for other in others] == [(4403, "revoked")] * 3
    assert (await mine.ping())["type"] == "pong"


async def test_ending_a_session_closes_what_it_opened_on_another_node(stage: Stage):
    (ann,) = stage.people("ann")
    here, there = [
        await log_in(stage.cluster.http_url(name), ann.username, PASSWORD) for name in stage.cluster.names[:2]
    ]
    mine, other = await stage.arrive(ann, 3, cookies=here), await stage.arrive(ann, 2, cookies=there)

    await submit(stage, here, "/accounts/sessions/")

    await other.wait_for(lambda device: not device.is_connected, OUT_SECONDS)
    assert other.close_code == 4401
    assert (await mine.ping())["type"] == "pong"


async def test_the_devices_page_of_any_node_knows_where_each_device_is(stage: Stage):
    (ann,) = stage.people("ann")
    devices = [await stage.arrive(ann, node) for node in (2, 3)]
    base = stage.cluster.http_url(stage.cluster.names[0])
    async with httpx.AsyncClient(base_url=base, headers={"Cookie": ann.cookies}, trust_env=False) as browser:
        page = (await browser.get("/devices/")).text

    assert [f"online on {name}" in page for name in stage.cluster.names] == [False, True, True]
    assert [device.device_id in page for device in devices] == [True, True]
