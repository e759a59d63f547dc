"""What staff do in the admin of one node, as people see it on the devices at all nodes."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import orjson
import pytest
import pytest_asyncio
import redis

from accounts.models import AuditEntry
from chat.ops.redis_server import RedisServer
from chat.proof.answering import answers, ended, spoken, told
from chat.proof.device import Device
from chat.proof.history import DELETED
from chat.proof.login import log_in
from chat.proof.outbox import Lost, Refused
from chat.proof.raw import knock
from chat.proof.site import PASSWORD, Site
from chat.proof.stage import Stage, eventually
from tests.integration.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUT_SECONDS = 10.0
DONE = "Done for 1."
What = AuditEntry.What


@pytest_asyncio.fixture(loop_scope="session")
async def own_stage(own_site: Site) -> AsyncIterator[Stage]:
    """Two nodes with a Redis that may be harmed."""
    async with own_site.cluster(2) as nodes:
        stage = Stage(own_site, nodes)
        yield stage
        await stage.close()


async def are_out(devices: list[Device], code: int) -> None:
    for device in devices:
        await device.wait_for(lambda each: not each.is_connected, OUT_SECONDS)
    assert [device.close_code for device in devices] == [code] * len(devices)


async def test_a_disabled_user_is_out_on_every_node_and_cannot_come_back(each_stage: Stage):
    stage = each_stage
    root, ann, bob = stage.people("root", "ann", "bob")
    group = stage.group(ann, bob)
    anns = [await stage.arrive(ann, node) for node in (1, 2)]
    program = await stage.arrive(ann, 2, token=stage.site.office.do("token", ann.id))
    stays = await stage.arrive(bob, 2)
    async with Desk(stage, root) as desk:
        assert await desk.do("disable", "accounts.user", str(ann.id)) == DONE
        await are_out([*anns, program], 4401)
        assert (await stays.post(group, "hello"))["type"] == "ok"
        assert (await knock(stage.url(2), Cookie=ann.cookies))[0] == 4401
        refused = await log_in(stage.cluster.http_url("server_2"), ann.username, PASSWORD)
        assert (await knock(stage.url(2), Cookie=refused))[0] == 4401

        assert await desk.do("enable", "accounts.user", str(ann.id)) == DONE
        assert (await knock(stage.url(2), Cookie=ann.cookies))[0] == 4401
        fresh = await log_in(stage.cluster.http_url("server_2"), ann.username, PASSWORD)
        assert (await knock(stage.url(1), Cookie=fresh))[0] == 0
        user = ["accounts.user", str(ann.id)]
        assert desk.audit() == [[What.USER_DISABLED, *user], [What.USER_ENABLED, *user]]


async def test_whoever_disables_themselves_is_told_why_not(stage: Stage):
    (root,) = stage.people("root")
    device = await stage.arrive(root, 2)
    async with Desk(stage, root) as desk:
        said = await desk.do("disable", "accounts.user", str(root.id))
        assert "Nobody can disable the account with which they are signed in." in said
        assert desk.audit() == []
    assert (await device.ping())["type"] == "pong"


async def test_all_sessions_of_a_user_end_and_programs_stay(stage: Stage):
    root, ann = stage.people("root", "ann")
    browser = await stage.arrive(ann, 3)
    program = await stage.arrive(ann, 3, token=stage.site.office.do("token", ann.id))
    async with Desk(stage, root) as desk:
        assert await desk.do("end_sessions", "accounts.user", str(ann.id)) == DONE
        await are_out([browser], 4401)
        assert (await program.ping())["type"] == "pong"
        assert desk.audit() == [[What.SESSIONS_ENDED, "accounts.user", str(ann.id)]]


async def test_a_revoked_device_and_a_revoked_token_are_out_alone(each_stage: Stage):
    stage = each_stage
    root, ann = stage.people("root", "ann")
    lost = await stage.arrive(ann, 2, cookies=stage.site.office.do("log_in", ann.id))
    program = await stage.arrive(ann, 1, token=stage.site.office.do("token", ann.id))
    stays = await stage.arrive(ann, 2)
    async with Desk(stage, root) as desk:
        device = desk.pk("accounts.device", uuid=lost.device_id)
        assert await desk.do("revoke", "accounts.device", device) == DONE
        await are_out([lost], 4403)
        token = desk.pk("accounts.apitoken", user=ann.id)
        assert await desk.do("revoke", "accounts.apitoken", token) == DONE
        await are_out([program], 4401)
        assert (await stays.ping())["type"] == "pong"
        assert await desk.do("revoke", "accounts.device", device) == "Nothing has changed."
        expected = [[What.DEVICE_REVOKED, "accounts.device", device], [What.TOKEN_REVOKED, "accounts.apitoken", token]]
        assert desk.audit() == expected


async def test_a_removed_message_is_a_tombstone_on_every_device(each_stage: Stage):
    stage = each_stage
    root, ann, bob = stage.people("root", "ann", "bob")
    group = stage.group(ann, bob)
    anns, bobs = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    seqs = [(await anns.post(group, text))["seq"] for text in ("the insult", "something nice")]
    async with Desk(stage, root) as desk:
        pks = [desk.pk("chat.message", conversation=group, seq=seq) for seq in seqs]
        anns.note_write({"type": "delete", "conversation": group, "seq": seqs[0]}, DELETED)
        assert await desk.do("remove", "chat.message", pks[0]) == DONE
        for device in (anns, bobs):
            await device.wait_for(lambda each: each.replica(group).messages[seqs[0]].get("deleted"), OUT_SECONDS)
            assert "the insult" not in str(device.replica(group).messages[seqs[0]])
            assert device.replica(group).messages[seqs[1]]["text"] == "something nice"
        assert await desk.do("remove", "chat.message", pks[0]) == "Nothing has changed."
        assert desk.audit() == [[What.MESSAGE_REMOVED, "chat.message", pks[0]]]
    late = await stage.arrive(bob, 1)
    assert "the insult" not in str(await late.whole_history(group))
    assert await stage.verdict() == []


async def test_what_the_system_says_stays_and_staff_are_told_so(stage: Stage):
    root, ann, bob = stage.people("root", "ann", "bob")
    group = stage.group(ann, bob)
    async with Desk(stage, root) as desk:
        said = await desk.do("remove", "chat.message", desk.pk("chat.message", conversation=group, seq=1))
        assert "Nothing can be done here" in said
        assert desk.audit() == []


async def test_a_session_is_shown_rebuilt_and_cleared(own_stage: Stage):
    stage = own_stage
    root, ann, bob = stage.people("root", "ann", "bob")
    group = stage.group(ann, bob)
    device = await stage.arrive(ann, 1)
    await device.post(group, "hello Bob")
    await device.draft(group, "a draft that nobody got")
    await device.ask({"type": "ack", "cursors": {str(group): 1}})
    await device.close()
    async with Desk(stage, root, node=2) as desk:
        pk = desk.pk("chat.chatsession", user=ann.id)
        session = ["accounts.user", str(ann.id)]

        with redis.Redis.from_url(stage.site.redis_url, decode_responses=True) as client:
            (key,) = client.keys(f"*_session:session:{ann.id}*")
            await eventually(lambda: "hello Bob" in str(client.execute_command("JSON.GET", key)))
            assert "checkpoint: good" in (await desk.page("chat.chatsession", pk)).lower()
            shown = await desk.do("inspect", "chat.chatsession", pk, asks=False)
            state = orjson.loads(shown[shown.index("{") : shown.rindex("}") + 1])
            assert (state["session_id"], state["source"], state["message_count"]) == (
                device.session["id"],
                "checkpoint",
                1,
            )
            assert (list(state["devices"]), state["devices"][device.device_id]["lag"]) == ([device.device_id], 1)
            assert ("hello Bob" in shown, "nobody got" in shown) == (True, False)

            client.execute_command("JSON.SET", key, "$.checkpoint.channel_values.devices", '"{\\"phone\\": {"')
            assert "damaged" in await desk.page("chat.chatsession", pk)
            assert '"checkpoint": "unreadable"' in await desk.do("inspect", "chat.chatsession", pk, asks=False)
            assert await desk.do("rebuild", "chat.chatsession", pk) == DONE
            assert "checkpoint: good" in (await desk.page("chat.chatsession", pk)).lower()
        await device.connect(stage.url(1))
        assert (device.session["source"], device.session["message_count"]) == ("checkpoint", 1)
        old = device.session["id"]
        await device.close()

        assert await desk.do("clear", "chat.chatsession", pk) == DONE
        await device.connect(stage.url(2))
        assert (device.session["source"], device.session["id"] != old) == ("new", True)
        assert device.entries[group]["draft"] == "a draft that nobody got"
        whats = [What.SESSION_INSPECTED, What.SESSION_INSPECTED, What.SESSION_REBUILT, What.SESSION_CLEARED]
        assert desk.audit() == [[what, *session] for what in whats]


async def test_disconnected_devices_come_back(each_stage: Stage):
    stage = each_stage
    root, ann, bob = stage.people("root", "ann", "bob")
    group = stage.group(ann, bob)
    devices = [await stage.arrive(ann, node) for node in (1, 2)]
    stays = await stage.arrive(bob, 2)
    async with Desk(stage, root) as desk:
        assert await desk.do("disconnect", "chat.chatsession", desk.pk("chat.chatsession", user=ann.id)) == DONE
        await are_out(devices, 1012)
        assert desk.audit() == [[What.DISCONNECTED, "accounts.user", str(ann.id)]]
    await stays.post(group, "while you were away")
    for node, device in enumerate(devices, 1):
        await device.connect(stage.url(node))
    await stage.level()
    assert await stage.verdict() == []


async def test_a_stopped_answer_stays_as_far_as_it_was_said(stage: Stage):
    root, ann = stage.people("root", "ann")
    laptop, phone = await stage.arrive(ann, 1), await stage.arrive(ann, 2)
    direct = int((await laptop.create(["assistant"]))["conversation"])
    for device in (laptop, phone):
        await device.wait_for(lambda each: direct in each.conversations)
    async with Desk(stage, root) as desk:
        await laptop.post(direct, "Tell me everything")
        await phone.wait_for(lambda each: len(spoken(each, direct)) > 20, 30)
        turn = told(phone, direct)[0]["turn"]
        assert await desk.do("stop", "chat.turn", turn) == DONE
        for device in (laptop, phone):
            await device.wait_for(lambda each: ended(direct)(each) and answers(each, direct), 30)
        assert answers(laptop, direct) == answers(phone, direct)
        assert "Nothing can be done here" in await desk.do("stop", "chat.turn", turn)
        assert desk.audit() == [[What.TURN_STOPPED, "chat.turn", turn]]


async def test_staff_whose_login_has_ended_do_nothing(stage: Stage):
    root, ann, bob = stage.people("root", "ann", "bob")
    group = stage.group(ann, bob)
    seq = (await (await stage.arrive(ann, 1)).post(group, "hello"))["seq"]
    async with Desk(stage, root) as desk:
        pk = desk.pk("chat.message", conversation=group, seq=seq)
        stage.site.office.do("expire_sessions", root.id)
        with pytest.raises(AssertionError):
            await desk.do("remove", "chat.message", pk)
        assert desk.audit() == []
    assert (await (await stage.arrive(bob, 2)).whole_history(group))[-1]["text"] == "hello"


async def test_without_redis_staff_still_moderate_and_are_told_what_is_away(own_stage: Stage, own_redis: RedisServer):
    stage = own_stage
    root, ann, bob = stage.people("root", "ann", "bob")
    group = stage.group(ann, bob)
    anns, bobs = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    seq = (await anns.post(group, "the insult"))["seq"]
    async with Desk(stage, root) as desk:
        pk = desk.pk("chat.chatsession", user=ann.id)
        await asyncio.to_thread(own_redis.kill)
        assert await desk.do("remove", "chat.message", desk.pk("chat.message", conversation=group, seq=seq)) == DONE
        for device in (anns, bobs):
            await device.wait_for(lambda each: each.replica(group).messages[seq].get("deleted"), OUT_SECONDS)
        await eventually_says(desk, pk, "the store does not answer")
        assert "Nothing was rebuilt: the store does not answer." in await desk.do("rebuild", "chat.chatsession", pk)
        said = await desk.do("disconnect", "chat.chatsession", pk)
        assert "only the devices that are connected to this node" in said
        await are_out([anns], 1012)
        assert await desk.do("disable", "accounts.user", str(bob.id)) == DONE
        head = stage.site.office.do("heads", [group])
        with pytest.raises((Refused, Lost)):
            await bobs.ask({"type": "post", "conversation": group, "client_id": str(uuid4()), "text": "too late"})
        await bobs.wait_for(lambda each: not each.is_connected, 35)
        assert stage.site.office.do("heads", [group]) == head


async def eventually_says(desk: Desk, pk: str, words: str) -> None:
    for _ in range(50):
        if words in await desk.page("chat.chatsession", pk):
            return
    raise AssertionError(f"never said: {words}")


async def test_a_migrated_database_keeps_the_audit_log_as_it_is(each_stage: Stage):
    stage = each_stage
    root, ann = stage.people("root", "ann")
    async with Desk(stage, root) as desk:
        await desk.do("end_sessions", "accounts.user", str(ann.id))
        for statement in ("UPDATE accounts_auditentry SET who = 'nobody'", "DELETE FROM accounts_auditentry"):
            with pytest.raises(RuntimeError, match="only added to"):
                stage.site.office.do("execute", statement)
        assert desk.audit() == [[What.SESSIONS_ENDED, "accounts.user", str(ann.id)]]
