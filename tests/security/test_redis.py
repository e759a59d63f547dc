"""What somebody who sees, or writes to, the Redis of a site gets out of it."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio

from chat.fanout.layer import HardenedPubSubLayer
from chat.ops.redis_server import RedisServer
from chat.proof.cluster import Cluster
from chat.proof.device import Device
from chat.proof.login import cookie_value, log_in
from chat.proof.site import PASSWORD, Site
from chat.proof.stage import Stage

CANARY = "canary4c1f"
USERS_ACL = Path(__file__).parents[2] / "deploy" / "redis_users.acl"
BOTH_KEYS = {"server_1": {"CHANNEL_SECRET": "old,new"}, "server_2": {"CHANNEL_SECRET": "new,old"}}
"""In the middle of a change of keys: each node knows both, and not all encrypt with the same."""


@asynccontextmanager
async def eavesdropping(url: str) -> AsyncIterator[list[str]]:
    """Every command that Redis gets (MONITOR), and at the end what it holds."""
    heard: list[str] = []

    async def listen(monitor: Any, ready: asyncio.Event) -> None:
        async with monitor as commands:
            ready.set()
            async for each in commands.listen():
                heard.append(each["command"])

    async with redis.asyncio.Redis.from_url(url) as client:
        ready = asyncio.Event()
        task = asyncio.create_task(listen(client.monitor(), ready))
        await ready.wait()
        try:
            yield heard
            await asyncio.sleep(0.2)
            heard += [str(await held(client, key)) async for key in client.scan_iter()]
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def held(client: Any, key: bytes) -> tuple[bytes, Any]:
    return key, await client.dump(key)


async def live_a_little(stage: Stage) -> tuple[int, Device, Device]:
    """Two people write to each other from two nodes, come back, and everything is folded into their sessions."""
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob, title=f"{CANARY} title")
    one, other = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
    await one.post(group, f"{CANARY} text")
    await other.post(group, f"{CANARY} answer")
    await one.draft(group, f"{CANARY} draft")
    await one.rename(group, f"{CANARY} renamed")
    await one.typing(group)
    await stage.level()
    await asyncio.sleep(1.5)  # sessions are folded, and rates told, once a second
    await one.close()
    return group, one, other


async def come_back(stage: Stage, device: Device, node: int) -> Device:
    """Like this one, with nothing but its cookie and id."""
    again = Device("again", cookies=device.cookies, device_id=device.device_id)
    stage.devices.append(again)
    await again.connect(stage.url(node))
    return again


@pytest.mark.parametrize("secret", ["a secret of the nodes", ""])
async def test_what_people_write_is_readable_in_redis_only_without_a_secret(
    own_site: Site, own_redis: RedisServer, secret: str
):
    async with own_site.cluster(2, CHANNEL_SECRET=secret) as nodes, eavesdropping(own_redis.url) as heard:
        stage = Stage(own_site, nodes)
        await live_a_little(stage)
        await stage.close()

    assert any("JSON.SET" in line for line in heard)
    assert any("PUBLISH" in line for line in heard)
    assert bool([line[:200] for line in heard if CANARY in line]) is (secret == "")


async def test_nothing_in_redis_lets_anybody_in(own_site: Site, own_redis: RedisServer):
    async with own_site.cluster(2) as nodes, eavesdropping(own_redis.url) as heard:
        stage = Stage(own_site, nodes)
        (ann,) = stage.people("ann")
        cookies = await log_in(nodes.http_url("server_1"), ann.username, PASSWORD)
        token = own_site.office.do("token", ann.id)
        await live_a_little(stage)
        program = await stage.arrive(ann, 2, token=token)
        browser = await stage.arrive(ann, 1, cookies=cookies)
        await asyncio.sleep(1.2)
        await program.close()
        await browser.close()
        await stage.close()

    assert len(heard) > 50
    for secret in (token, PASSWORD, cookie_value(cookies, "sessionid"), cookie_value(cookies, "csrftoken")):
        assert [line[:200] for line in heard if secret in line] == []


async def test_keys_are_changed_beside_running_nodes(own_site: Site, own_redis: RedisServer):
    async with own_site.cluster(2, each=BOTH_KEYS) as nodes:
        stage = Stage(own_site, nodes)
        group, one, other = await live_a_little(stage)
        session = other.session["id"]
        await other.close()
        came = [await come_back(stage, device, node) for device, node in ((one, 2), (other, 1))]

        assert [device.session["source"] for device in came] == ["checkpoint"] * 2
        assert (came[1].session["id"], came[0].drafts[group]) == (session, f"{CANARY} draft")
        await stage.close()
        log = own_site.log_text(nodes)
    assert "InvalidToken" not in log
    assert "undecodable" not in log


async def test_a_session_whose_key_is_gone_comes_from_the_log(own_site: Site, own_redis: RedisServer):
    async with own_site.cluster(2, CHANNEL_SECRET="lost") as nodes:
        stage = Stage(own_site, nodes)
        _, one, _ = await live_a_little(stage)
        await stage.close()
    async with own_site.cluster(1, CHANNEL_SECRET="new") as nodes:
        came = await come_back(Stage(own_site, nodes), one, 1)
        assert (came.session["source"], came.session["id"]) == ("log", one.session["id"])
        await came.close()


async def test_layers_with_the_same_keys_in_another_order_understand_each_other(own_redis: RedisServer):
    old, new = [
        HardenedPubSubLayer(hosts=[own_redis.url], prefix="p", symmetric_encryption_keys=keys)
        for keys in (["old", "new"], ["new", "old"])
    ]
    try:
        for sender, receiver in ((old, new), (new, old)):
            channel = await receiver.new_channel()
            await receiver.group_add("group", channel)
            await sender.group_send("group", {"type": "x", "text": "hello"})
            assert await asyncio.wait_for(receiver.receive(channel), 10) == {"type": "x", "text": "hello"}
    finally:
        await old.close()
        await new.close()


def allow_only_what_the_file_says(server: RedisServer, password: str) -> str:
    """Give this Redis the users of deploy/redis_users.acl; the URL for a node. What is refused is in ACL LOG."""
    with redis.Redis.from_url(server.url) as client:
        client.execute_command("ACL", "SETUSER", "tester", "on", ">tester", "~*", "&*", "+@all")
        users = re.findall(r"^user (\S+) (.+)$", USERS_ACL.read_text(), re.MULTILINE)
        assert [name for name, _ in users] == ["default", "distchat"]
        for name, rules in users[::-1]:
            client.execute_command("ACL", "SETUSER", name, *rules.replace("replace-this-password", password).split())
    return f"redis://distchat:{password}@127.0.0.1:{server.port}/0"


async def test_a_node_works_with_the_rights_of_the_example_and_no_others(own_site: Site, own_redis: RedisServer):
    own_site.redis_url = allow_only_what_the_file_says(own_redis, "a-password")
    admin = redis.Redis(port=own_redis.port, username="tester", password="tester", decode_responses=True)
    async with own_site.cluster(2, CHANNEL_SECRET="secret") as nodes:
        stage = Stage(own_site, nodes)
        (ann,) = stage.people("ann")
        cookies = await log_in(nodes.http_url("server_1"), ann.username, PASSWORD)
        _, one, _ = await live_a_little(stage)
        came = await come_back(stage, one, 2)
        assert came.session["source"] == "checkpoint"
        browser = await stage.arrive(ann, 1, cookies=cookies)
        await browser.close()
        await asyncio.sleep(2.5)
        assert await ready_report(nodes) == []
        await stage.close()
    doctor = own_site.manage("doctor")

    refused = {(line["reason"], line["object"], line["username"]) for line in admin.acl_log()}
    assert refused == set()
    assert "NOPERM" not in own_site.log_text(nodes) + doctor.stdout + doctor.stderr


async def ready_report(nodes: Cluster) -> list[str]:
    """What works less well than it should, on any node."""
    import httpx

    async with httpx.AsyncClient(trust_env=False) as client:
        answers = [await client.get(nodes.http_url(name) + "/readyz") for name in nodes.names]
    return [each for answer in answers for each in answer.json()["degraded"]]


FORBIDDEN: dict[str, Callable[[redis.Redis], Any]] = {
    "FLUSHALL": lambda client: client.flushall(),
    "FLUSHDB": lambda client: client.flushdb(),
    "CONFIG GET": lambda client: client.config_get("*"),
    "CONFIG SET": lambda client: client.config_set("dir", "/tmp"),
    "KEYS": lambda client: client.keys("*"),
    "MONITOR": lambda client: client.execute_command("MONITOR"),
    "SHUTDOWN": lambda client: client.execute_command("SHUTDOWN", "NOSAVE"),
    "ACL": lambda client: client.acl_list(),
    "REPLICAOF": lambda client: client.execute_command("REPLICAOF", "203.0.113.1", "6379"),
    "SAVE": lambda client: client.save(),
    "CLIENT KILL": lambda client: client.client_kill_filter(_type="normal"),
    "a foreign key": lambda client: client.set("other:site", 1),
    "a foreign channel": lambda client: client.publish("other__group__user.1", "x"),
    "a foreign key by a script": lambda client: client.eval("return redis.call('get', KEYS[1])", 1, "other:site"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_who_has_the_password_of_a_node_cannot(own_redis: RedisServer, what: str):
    with redis.Redis.from_url(allow_only_what_the_file_says(own_redis, "x")) as client:
        assert client.set("distchat:fold:1", 1)
        with pytest.raises(redis.exceptions.NoPermissionError):
            FORBIDDEN[what](client)


def test_without_a_password_nobody_says_anything(own_redis: RedisServer):
    allow_only_what_the_file_says(own_redis, "x")
    with redis.Redis.from_url(own_redis.url) as client, pytest.raises(redis.exceptions.AuthenticationError):
        client.ping()
