"""The cluster page on three real nodes: what it shows is so, and what it asks for happens, on the right node."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from websockets.exceptions import InvalidStatus

from chat.ops.redis_server import RedisServer
from chat.proof.cluster import Cluster
from chat.proof.site import Site
from chat.proof.stage import Stage
from tests.integration.cluster_page import ANNOUNCE, CHANGE, VIEW, looking, nodes, page, post, staff, states

pytestmark = pytest.mark.asyncio(loop_scope="session")

ALL_OPEN = {"server_1": "open", "server_2": "open", "server_3": "open"}


@dataclass
class Ground:
    """Three nodes of which nobody else makes use, on a database and a Redis of their own."""

    site: Site
    redis: RedisServer
    cluster: Cluster


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ground(sqlite_url: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """What a test stops or drains it starts again."""
    folder = tmp_path_factory.mktemp("cluster_page")
    with RedisServer(folder / "redis") as redis, Site(folder, database_url=sqlite_url(), redis_url=redis.url) as site:
        async with site.cluster(3) as cluster:
            yield Ground(site, redis, cluster)


@pytest_asyncio.fixture(loop_scope="session")
async def own_stage(ground: Ground) -> AsyncIterator[Stage]:
    """A stage on that ground; no node logs a traceback, but for the Redis that a test takes away."""
    before = len(ground.site.log_text(ground.cluster))
    stage = Stage(ground.site, ground.cluster)
    yield stage
    await stage.close()
    assert stage.violations == []
    assert "Traceback" not in ground.site.log_text(ground.cluster)[before:]


# Who may look


async def test_only_staff_with_the_permission_see_anything(stage: Stage):
    (ann,) = stage.people("ann")
    cluster, without, viewer = stage.cluster, staff(stage.site), staff(stage.site, VIEW)

    answers = {}
    for name, cookies in {
        "nobody": "",
        "ann": ann.cookies,
        "without": without.cookies,
        "viewer": viewer.cookies,
    }.items():
        answers[name] = (await page(cluster, "server_1", cookies)).status_code
    assert answers == {"nobody": 302, "ann": 302, "without": 403, "viewer": 200}

    for cookies in ("", ann.cookies, without.cookies):
        with pytest.raises(InvalidStatus, match="403"):
            async with looking(cluster, "server_1", cookies):
                pass
    with pytest.raises(InvalidStatus, match="403"):
        async with looking(cluster, "server_1", viewer.cookies, origin="http://elsewhere.example"):
            pass
    token = stage.site.office.do("token", viewer.id)
    with pytest.raises(InvalidStatus, match="403"):
        async with looking(cluster, "server_1", "", Authorization=f"Bearer {token}"):
            pass


async def test_only_staff_with_the_permission_can_ask_for_anything(stage: Stage):
    (ann,) = stage.people("ann")
    viewer, cluster = staff(stage.site, VIEW), stage.cluster
    async with looking(cluster, "server_1", viewer.cookies) as looker:
        life = nodes(await looker.next())["server_2"]["life"]
        for person in (ann, staff(stage.site), viewer, staff(stage.site, ANNOUNCE)):
            answer = await post(cluster, "server_1", person.cookies, "order", life=life, what="drain")
            assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
        for person in (ann, viewer, staff(stage.site, CHANGE)):
            answer = await post(cluster, "server_1", person.cookies, "announce", text="hi", minutes=5)
            assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")
        assert (await post(cluster, "server_1", "", "order", life=life, what="drain")).status_code == 403
        assert states(await looker.next()) == ALL_OPEN


async def test_who_loses_the_right_is_closed_within_seconds(stage: Stage):
    by_right, by_logout = staff(stage.site, VIEW), staff(stage.site, VIEW)
    async with (
        looking(stage.cluster, "server_1", by_right.cookies) as one,
        looking(stage.cluster, "server_1", by_logout.cookies) as other,
    ):
        await one.next()
        await other.next()
        stage.site.office.do("make_staff", by_right.id, [])
        stage.site.office.do("expire_sessions", by_logout.id)
        for looker in (one, other):
            assert await looker.end() == 4403


async def test_the_node_says_nothing_to_a_page_from_elsewhere_or_without_the_token(stage: Stage):
    root = staff(stage.site, VIEW, CHANGE, ANNOUNCE)
    url = stage.cluster.http_url("server_1") + "/admin/chat/clusternode/announce/"
    async with httpx.AsyncClient(trust_env=False) as browser:
        answer = await browser.post(url, data={"text": "x", "minutes": "5"}, headers={"Cookie": root.cookies})
        assert answer.status_code == 403
        assert (await browser.get(url, headers={"Cookie": root.cookies})).status_code == 405


# What it shows


async def test_the_figures_are_what_has_happened(own_stage: Stage):
    stage = own_stage
    ann, bob, carol = stage.people("ann", "bob", "carol")
    group = stage.group(ann, bob, carol)
    devices = [await stage.arrive(person, node) for node, person in enumerate((ann, bob, carol), start=1)]
    root = staff(stage.site, VIEW)
    async with looking(stage.cluster, "server_3", root.cookies) as looker:
        before = await looker.until(lambda picture: {node["ready"] for node in picture["nodes"]} == {1})
        assert states(before) == ALL_OPEN
        assert before["node"] == "server_3"

        for number in range(20):
            await devices[0].post(group, f"message {number}")
        await stage.level(*devices, conversations=[group])

        def grown(picture: dict, counter: str) -> list[int]:
            now, then = nodes(picture), nodes(before)
            return [now[name]["counters"][counter] - then[name]["counters"][counter] for name in sorted(now)]

        after = await looker.until(lambda picture: grown(picture, "deliveries") == [20, 20, 20])
        assert grown(after, "messages") == [20, 0, 0]
        assert grown(after, "changes") == [20, 0, 0]
        assert grown(after, "posts") == [20, 0, 0]
        assert grown(after, "publish_failures") == grown(after, "gap_reads") == [0, 0, 0]
        assert grown(after, "published")[0] >= 1
        idle = await looker.until(lambda picture: all(node["rates"]["messages"] == 0 for node in picture["nodes"]))
        assert all(node["memory_bytes"] > 10_000_000 for node in idle["nodes"])
        assert all(0 < node["redis_seconds"] < 1 for node in idle["nodes"])
        assert [node["connections"] for node in idle["nodes"]] == [1, 1, 1]
        stores = await looker.until(lambda picture: "database" in picture)
        assert (stores["database"]["kind"], stores["database"]["up"]) == ("SQLite", True)
        assert [(redis["up"], redis["append_only"]) for redis in stores["redis"]] == [(True, True)]


async def test_a_node_that_is_killed_is_shown_as_gone_and_back_after_its_restart(own_stage: Stage):
    stage, root = own_stage, staff(own_stage.site, VIEW)
    async with looking(stage.cluster, "server_1", root.cookies) as looker:
        first = nodes(await looker.until(lambda picture: states(picture) == ALL_OPEN))["server_2"]

        await stage.cluster.kill("server_2")
        gone = await looker.until(lambda picture: states(picture).get("server_2") == "gone", seconds=10)
        assert [node["name"] for node in gone["nodes"]] == ["server_1", "server_3", "server_2"]
        assert nodes(gone)["server_2"]["rates"] is None

        await stage.cluster.restart("server_2")
        back = await looker.until(lambda picture: states(picture) == ALL_OPEN)
        again = nodes(back)["server_2"]
        assert (again["life"] != first["life"], again["counters"]["messages"]) == (True, 0)

        await stage.cluster.terminate("server_3")
        left = await looker.until(lambda picture: states(picture).get("server_3") == "left")
        assert nodes(left)["server_3"]["connections"] == 0
        await stage.cluster.restart("server_3")


async def test_garbage_on_the_board_hides_no_node(own_stage: Stage):
    stage, root = own_stage, staff(own_stage.site, VIEW)
    async with Redis.from_url(stage.site.redis_url) as redis:
        rubbish = {b"\xff\xfe": 1e15, b"x" * 1000: 1e15, "f" * 32: 1e15}
        await redis.zadd("distchat:cluster:nodes", rubbish)
        await redis.set("distchat:cluster:node:" + "f" * 32, b'{"name": "<script>", "state": ["open"], "gauges": NaN}')
        await redis.set("distchat:cluster:announcement", b"\xff\x00 not signed")
        async with looking(stage.cluster, "server_1", root.cookies) as looker:
            picture = await looker.until(lambda picture: states(picture) == ALL_OPEN)
            await redis.delete("distchat:cluster:nodes", "distchat:cluster:announcement")
            assert (picture["unreadable"], picture["announcement"]) == (1, None)


async def test_without_redis_the_page_goes_on_with_its_own_node(own_stage: Stage, ground: Ground):
    stage, root = own_stage, staff(own_stage.site, VIEW, CHANGE)
    async with looking(stage.cluster, "server_1", root.cookies) as looker:
        before = await looker.until(lambda picture: states(picture) == ALL_OPEN)
        ground.redis.freeze()
        try:
            alone = await looker.until(lambda picture: picture["board"] == "away" and not picture["redis"][0]["up"])
            assert states(alone) == {"server_1": "open"}
            life = nodes(before)["server_2"]["life"]
            answer = await post(stage.cluster, "server_1", root.cookies, "order", life=life, what="drain")
            assert answer.status_code == 503
        finally:
            ground.redis.thaw()
        healed = await looker.until(lambda picture: picture["redis"][0]["up"] and states(picture) == ALL_OPEN)
        assert healed["board"] == "up"


async def test_one_node_without_redis_shows_itself(sqlite_url: Callable[[], str], tmp_path: Path):
    with Site(tmp_path, database_url=sqlite_url(), redis_url="") as site:
        async with site.cluster(1) as cluster:
            root = staff(site, VIEW, CHANGE, ANNOUNCE)
            async with looking(cluster, "server_1", root.cookies) as looker:
                picture = await looker.until(lambda picture: "redis" in picture)
                assert (states(picture), picture["redis"], picture["board"]) == ({"server_1": "open"}, [], "up")
                life = nodes(picture)["server_1"]["life"]
                assert (
                    await post(cluster, "server_1", root.cookies, "order", life=life, what="drain")
                ).status_code == 409
                answer = await post(cluster, "server_1", root.cookies, "announce", text="hello", minutes=5)
                assert answer.status_code == 200
                told = await looker.until(lambda picture: picture["announcement"] is not None)
                assert told["announcement"]["text"] == "hello"


# What it asks for


async def test_draining_moves_every_device_and_loses_nothing(own_stage: Stage):
    stage = own_stage
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    root, earlier = staff(stage.site, VIEW, CHANGE), latest_entry(stage)
    writers = [stage.device(person) for person in (ann, bob) for _ in range(3)]
    for device in writers:
        await device.follow([stage.url(2), stage.url(1), stage.url(3)])
    assert {device.node for device in writers} == {"server_2"}
    is_over = asyncio.Event()

    async def write(device) -> None:
        number = 0
        while not is_over.is_set():
            await device.post(group, f"{device.name} {(number := number + 1)}")

    writing = [asyncio.create_task(write(device)) for device in writers]
    async with looking(stage.cluster, "server_1", root.cookies) as looker:
        life = nodes(await looker.until(lambda picture: nodes(picture)["server_2"]["ready"] == 6))["server_2"]["life"]

        answer = await post(stage.cluster, "server_3", root.cookies, "order", life=life, what="drain")
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
        drained = await looker.until(
            lambda picture: (
                states(picture)["server_2"] == "drained" and sum(node["ready"] for node in picture["nodes"]) == 6
            )
        )
        assert (nodes(drained)["server_2"]["connections"], states(drained)["server_1"]) == (0, "open")
        with pytest.raises((ConnectionError, OSError, AssertionError)):
            await stage.arrive(ann, 2)
        is_over.set()
        await asyncio.gather(*writing)

        answer = await post(stage.cluster, "server_3", root.cookies, "order", life=life, what="undrain")
        assert answer.status_code == 200
        await looker.until(lambda picture: states(picture) == ALL_OPEN)
    late = await stage.arrive(bob, 2)
    assert late.node == "server_2"
    await stage.level(*writers, late, conversations=[group])
    assert await stage.verdict() == []
    entries = stage.site.office.do("audit_of", "chat.clusternode", earlier)
    assert [(each["who"], each["what"], each["on"]) for each in entries] == [
        (root.username, "node_drained", "server_2"),
        (root.username, "node_undrained", "server_2"),
    ]


async def test_the_last_node_that_takes_devices_is_not_drained(own_stage: Stage):
    stage, root = own_stage, staff(own_stage.site, VIEW, CHANGE)

    async def order(name: str, what: str) -> int:
        answer = await post(stage.cluster, "server_1", root.cookies, "order", life=lives[name], what=what)
        return answer.status_code

    async with looking(stage.cluster, "server_1", root.cookies) as looker:
        picture = await looker.until(lambda picture: states(picture) == ALL_OPEN)
        lives = {name: node["life"] for name, node in nodes(picture).items()} | {"nobody": "0" * 32}
        assert [await order(name, "drain") for name in ("server_1", "server_2", "server_3")] == [200, 200, 409]
        assert await order("nobody", "drain") == 404
        assert await order("server_1", "dance") == 404
        assert [await order(name, "undrain") for name in ("server_1", "server_2")] == [200, 200]


async def test_an_order_without_a_signature_of_this_site_is_not_obeyed(own_stage: Stage):
    stage, root = own_stage, staff(own_stage.site, VIEW)
    async with looking(stage.cluster, "server_1", root.cookies) as looker:
        life = nodes(await looker.until(lambda picture: states(picture) == ALL_OPEN))["server_2"]["life"]
        async with Redis.from_url(stage.site.redis_url) as redis:
            forged = f'{{"issued_ms":9999999999999,"life":"{life}","what":"drain"}}:signature'
            await redis.set(f"distchat:cluster:order:{life}", forged)
        for _ in range(4):
            assert states(await looker.next()) == ALL_OPEN


async def test_an_announcement_reaches_every_device_once_and_late_comers_while_it_lasts(own_stage: Stage):
    stage, root, earlier = own_stage, staff(own_stage.site, VIEW, ANNOUNCE), latest_entry(own_stage)
    ann, bob, carol = stage.people("ann", "bob", "carol")
    early = [await stage.arrive(person, node) for node, person in enumerate((ann, bob, carol), start=1)]
    early.append(await stage.arrive(ann, 2))
    text = "At noon we restart.\n<b>Nothing</b> is lost: 重启"

    answer = await post(stage.cluster, "server_2", root.cookies, "announce", text=f"  {text}\r\n", minutes=5)
    assert answer.status_code == 200
    for device in early:
        await device.wait_for(_heard)
    late = await stage.arrive(bob, 3)
    await late.wait_for(_heard)
    async with Redis.from_url(stage.site.redis_url) as redis:
        await redis.flushall()
    await asyncio.sleep(2.5)
    later = await stage.arrive(carol, 1)
    await later.wait_for(_heard)

    async with looking(stage.cluster, "server_1", root.cookies) as looker:
        shown = await looker.until(lambda picture: picture["announcement"] is not None)
        assert shown["announcement"]["text"] == text
        announced = shown["announcement"]["id"]
        other = await post(stage.cluster, "server_1", root.cookies, "end", id="8d1f6f2e-3f0b-4d52-8a3c-5b1f6f0e9c77")
        assert other.status_code == 404
        answer = await post(stage.cluster, "server_3", root.cookies, "end", id=announced)
        assert answer.status_code == 200
        await looker.until(lambda picture: picture["announcement"] is None)
    for device in (*early, late, later):
        await device.wait_for(lambda device: len(announcements(device)) == 2)
        said, over = announcements(device)
        assert (said["id"], said["text"], over) == (announced, text, {"type": "announcement", "id": announced})
    after = await stage.arrive(ann, 2)
    await asyncio.sleep(1.5)
    assert announcements(after) == []
    entries = stage.site.office.do("audit_of", "chat.clusternode", earlier)
    assert [(each["what"], each["details"]) for each in entries] == [
        ("announced", {"id": announced, "characters": len(text), "minutes": 5}),
        ("announcement_ended", {"id": announced}),
    ]


async def test_announcements_are_bounded(own_stage: Stage):
    stage, root, earlier = own_stage, staff(own_stage.site, ANNOUNCE), latest_entry(own_stage)

    async def announce(text: str, minutes: object = 5) -> tuple[int, str]:
        answer = await post(stage.cluster, "server_1", root.cookies, "announce", text=text, minutes=minutes)
        return answer.status_code, answer.json().get("error", "")

    for text, minutes in (("", 5), (" \n ", 5), ("x", 0), ("x", 1441), ("x", "1e2"), ("x", "-5"), ("x", "")):
        assert await announce(text, minutes) == (400, "bad_command")
    assert await announce("x" * 501) == (400, "too_long")
    assert latest_entry(stage) == earlier
    while (refusal := await announce("重" * 500)) == (200, ""):
        pass
    assert refusal == (429, "rate_limited")
    made = stage.site.office.do("audit_of", "chat.clusternode", earlier)
    assert [each["what"] for each in made] in (["announced"] * 2, ["announced"] * 3)  # one may be of the test before


def latest_entry(stage: Stage) -> int:
    return max((each["id"] for each in stage.site.office.do("audit_of", "chat.clusternode")), default=0)


def announcements(device) -> list[dict]:
    return [event for event in device.events if event["type"] == "announcement"]


def _heard(device) -> bool:
    return len(announcements(device)) == 1
