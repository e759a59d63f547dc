"""Every command of the wire against everybody who may send it: nobody, strangers, removed members, members, staff."""

import asyncio
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from chat.proof.device import Device, Refused
from chat.proof.door import origin_of
from chat.proof.every_command import COMMANDS, EXAMPLES, about_conversations, example
from chat.proof.raw import knock
from chat.proof.site import Person
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

OF_ONES_OWN = {
    "hello": "bad_command",  # it was said before
    "create": "ok",
    "ack": "ok",  # of what one does not follow, nothing is noted
    "ping": "ok",
}
"""What becomes of the commands that name no conversation, whoever sends them."""

FOR_OWNERS = {"remove": "forbidden"}
FOR_AUTHORS = {"edit": "forbidden", "delete": "forbidden"}
NOTHING_THERE = {"stop": "not_found", "regenerate": "not_found"}
"""The assistant was not asked anything here."""


async def fate(device: Device, command: dict[str, Any]) -> str:
    try:
        answer = await device.ask(command)
    except Refused as refused:
        return refused.code
    return "ok" if answer["type"] != "error" else str(answer["code"])


async def fates(device: Device, conversation: int, target: Person, kinds: list[str]) -> dict[str, str]:
    return {
        kind: await fate(device, example(kind, conversation, user=target.id, username=target.username))
        for kind in kinds
    }


async def test_every_command_has_an_example():
    assert set(EXAMPLES) == set(COMMANDS)
    assert set(OF_ONES_OWN) | set(about_conversations()) == set(COMMANDS)


async def test_who_is_not_logged_in_says_nothing(stage: Stage):
    assert await knock(stage.url(1)) == (4401, [{"type": "bye", "reason": "not_logged_in"}])


@pytest.mark.parametrize("who", ["stranger", "removed", "staff"])
async def test_who_is_not_a_member_has_no_command_for_the_conversation(stage: Stage, who: str):
    ann, bob, eve = stage.people("ann", "bob", "eve")
    group = stage.group(ann, bob, *([eve] if who == "removed" else []))
    stage.conversations[group] = [ann, bob]
    member = await stage.arrive(ann, 1)
    outsider = await stage.arrive(eve, 2)
    await member.post(group, "a secret")
    if who == "removed":
        await member.remove(group, eve.id)
        await outsider.wait_for(lambda device: group in device.left)
    if who == "staff":
        stage.site.office.do("hire", eve.id)
    before = stage.site.office.do("log_of", [group])
    outsider.events.clear()

    told = await fates(outsider, group, ann, about_conversations())
    of_my_own = await fates(outsider, group, ann, list(OF_ONES_OWN))
    missing = await fates(outsider, 999_999_999, ann, about_conversations())

    assert told == dict.fromkeys(about_conversations(), "not_found")
    assert missing == told
    assert of_my_own == OF_ONES_OWN
    assert stage.site.office.do("log_of", [group]) == before
    assert b"a secret" not in orjson.dumps(list(outsider.events))
    assert (await outsider.ping())["heads"].get(str(group)) is None


async def test_members_do_what_is_theirs_and_no_more(stage: Stage):
    ann, bob, carol = stage.people("ann", "bob", "carol")
    group = stage.group(ann, bob)
    owner, member = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    await owner.post(group, "of the owner")
    kinds = [kind for kind in about_conversations() if kind not in ("leave", "invite")]

    told = await fates(member, group, ann, kinds)
    invited = await fates(member, group, carol, ["invite"])
    left = await fates(member, group, ann, ["leave"])

    refused = FOR_OWNERS | FOR_AUTHORS | NOTHING_THERE
    assert told == {kind: refused.get(kind, "ok") for kind in kinds}
    assert (invited, left) == ({"invite": "ok"}, {"leave": "ok"})


async def test_an_owner_changes_no_words_of_others(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    owner, member = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    await member.post(group, "of a member")

    edited = await fates(owner, group, bob, ["edit"])

    assert edited == {"edit": "forbidden"}
    assert stage.site.office.do("log_of", [group])[-1]["text"] == "of a member"


async def test_a_token_in_the_address_opens_nothing(stage: Stage):
    (ann,) = stage.people("ann")
    token = stage.site.office.do("token", ann.id)
    session = ann.cookies.partition("=")[2]
    for query in (f"token={token}", f"access_token={token}", f"authorization=Bearer%20{token}", f"sessionid={session}"):
        assert (await knock(f"{stage.url(1)}?{query}"))[0] == 4401
        assert (await knock(f"{stage.url(1)}?{query}", origin="https://evil.example"))[0] == 403
    assert token not in stage.site.log_text(stage.cluster)
    assert session not in stage.site.log_text(stage.cluster)


SOCKETS = ["/ws/", "/ws/cluster/", "/ws", "/ws/x/", "/", "/admin/", "/ws//", "/WS/", "/ws/cluster"]
FOR_STAFF = "/ws/cluster/"


async def test_every_other_socket_is_refused_and_that_of_staff_is_for_staff(stage: Stage):
    ann, root = stage.people("ann", "root")
    stage.site.office.do("hire", root.id)
    token = stage.site.office.do("token", root.id)
    base = stage.url(1).removesuffix("/ws/")
    told = {path: (await knock(base + path, Cookie=ann.cookies))[0] for path in SOCKETS}

    assert told == {path: 0 if path == "/ws/" else 403 for path in SOCKETS}
    for headers in ({}, {"Cookie": ann.cookies}, {"Authorization": f"Bearer {token}", "Cookie": root.cookies}):
        assert (await knock(base + FOR_STAFF, **headers))[0] == 403
    for origin in ("https://evil.example", None, "null"):
        assert (await knock(base + FOR_STAFF, origin=origin, Cookie=root.cookies))[0] == 403
    origin = origin_of(stage.url(1))
    headers = {"Origin": origin, "Cookie": root.cookies}
    async with connect(base + FOR_STAFF, additional_headers=headers, proxy=None) as socket, asyncio.timeout(20):
        assert await socket.recv()
        stage.site.office.do("deactivate", root.id)
        with pytest.raises(ConnectionClosed):
            await read_to_the_end(socket)


async def read_to_the_end(socket: ClientConnection) -> None:
    while True:
        await socket.recv()
