"""What /metrics of real nodes says: exactly what has happened there, to nobody but who may know, and nothing of it."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import orjson
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from chat.proof.answering import answers, ended
from chat.proof.device import Refused
from chat.proof.raw import knock
from chat.proof.site import Site
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")
SECONDS = 30.0
TOKEN = "canary-token-of-prometheus"
Counts = dict[str, float]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def metered(site: Site, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """Two nodes of which nobody else makes use, with the usual limits; the second one wants a token."""
    folder, site.folder = site.folder, tmp_path_factory.mktemp("metered")
    nodes = site.cluster(
        2,
        each={"server_2": {"METRICS_TOKEN": TOKEN}},
        DISTCHAT_POSTS_PER_10S="50",
        DISTCHAT_COMMANDS_PER_10S="500",
    )
    site.folder = folder
    async with nodes:
        stage = Stage(site, nodes)
        yield stage
        await stage.close()


async def page_of(stage: Stage, node: int = 1, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient() as browser:
        return await browser.get(stage.cluster.http_url(f"server_{node}") + "/metrics", headers=headers)


async def counts(stage: Stage, node: int = 1) -> Counts:
    """Every sample by its name without the prefix, with the values of its labels behind it."""
    page = await page_of(stage, node, authorization=f"Bearer {TOKEN}")
    assert page.status_code == 200
    return {
        " ".join(filter(None, [sample.name.removeprefix("distchat_"), *sample.labels.values()])): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


def moved(before: Counts, after: Counts, *names: str) -> Counts:
    """By how much the counters of these names have grown, where they have."""
    wanted = {key: after[key] - before.get(key, 0) for key in after if key.split(" ")[0] in names}
    return {key: difference for key, difference in wanted.items() if difference}


async def settled(stage: Stage, before: Counts, expected: Counts, *names: str) -> Counts:
    """What has moved on node 1 as soon as it is as expected, or after some seconds: a socket's end is counted late."""
    found: Counts = {}
    for _ in range(100):
        found = moved(before, await counts(stage), *names)
        if found == expected:
            break
        await asyncio.sleep(0.05)
    return found


async def test_what_people_do_is_counted_where_they_do_it(metered: Stage):
    ann, bob = metered.people("ann", "bob")
    group = metered.group(ann, bob)
    empty = await counts(metered, 1)
    anns, bobs = await metered.arrive(ann, 1), await metered.arrive(bob, 2)
    before, there = await counts(metered, 1), await counts(metered, 2)
    here = moved(empty, before, "connections", "users", "conversations", "layer_subscriptions")
    assert here == {
        "connections open": 1,
        "connections ready": 1,
        "users": 1,
        "conversations": 1,
        "layer_subscriptions": 2,
    }

    for i in range(3):
        await anns.post(group, f"message {i}")
    await anns.edit(group, 2, "edited")
    await anns.read(group, 4)
    with pytest.raises(Refused):
        await anns.edit(group, 99, "not there")
    await metered.level(anns, bobs, conversations=[group])

    after = await counts(metered, 1)
    assert moved(before, after, "changes_total") == {"changes_total post": 3, "changes_total edit": 1}
    assert moved(before, after, "deliveries_total", "post_seconds_count") == {
        "deliveries_total": 4,
        "post_seconds_count": 3,
    }
    assert moved(before, after, "post_seconds_bucket")["post_seconds_bucket +Inf"] == 3
    assert moved(before, after, "commit_seconds_count") == {"commit_seconds_count": 5}  # one of them for the refusal
    assert moved(before, after, "errors_total", "limited_total") == {"errors_total not_found": 1}
    commands = moved(before, after, "commands_total")
    commands.pop("commands_total ack", None)  # once a second
    assert commands == {"commands_total post": 3, "commands_total edit": 2, "commands_total read": 1}
    assert moved(there, await counts(metered, 2), "changes_total", "deliveries_total", "post_seconds_count") == {
        "deliveries_total": 4
    }


async def test_what_is_over_a_limit_is_counted(metered: Stage):
    ann, bob = metered.people("ann", "bob")
    group = metered.group(ann, bob)
    device = await metered.arrive(ann, is_patient=False)
    before = await counts(metered)

    results = await asyncio.gather(*(device.post(group, f"{i}") for i in range(70)), return_exceptions=True)

    refused = sum(isinstance(each, Refused) for each in results)
    after = await counts(metered)
    assert refused >= 10
    assert sum(moved(before, after, "limited_total").values()) == refused
    assert moved(before, after, "errors_total") == {"errors_total rate_limited": refused}
    assert moved(before, after, "changes_total", "post_seconds_count") == {
        "changes_total post": 70 - refused,
        "post_seconds_count": 70 - refused,
    }


async def test_coming_back_is_counted_by_how_it_went(metered: Stage):
    ann, bob = metered.people("ann", "bob")
    group = metered.group(ann, bob)
    before = await counts(metered)
    device = await metered.arrive(ann)
    new = await counts(metered)
    await device.post(group, "seen")
    await metered.level(device, conversations=[group])
    await device.close()
    await device.connect(metered.url(1))
    replayed = await counts(metered)
    await device.close()
    device.replica(group).epoch = "another"
    await device.connect(metered.url(1))
    after = await counts(metered)

    assert moved(before, new, "resumes_total") == {"resumes_total snapshot": 1}
    assert moved(before, new, "session_restores_total") == {"session_restores_total new": 1}
    assert moved(new, replayed, "resumes_total") == {"resumes_total replay": 1}
    assert moved(new, replayed, "closes_total") == {"closes_total 1000": 1}
    assert moved(replayed, after, "resumes_total") == {"resumes_total snapshot": 1}
    assert sum(moved(new, after, "session_restores_total").values()) == 2


async def test_who_may_not_come_in_or_breaks_the_protocol_is_counted_by_the_code(metered: Stage):
    (ann,) = metered.people("ann")
    device = await metered.arrive(ann)
    before = await counts(metered)

    await device.send_raw(b"not JSON")
    await device.wait_for(lambda each: not each.is_connected)
    assert (await knock(metered.url(1), Cookie="sessionid=nobody"))[0] == 4401

    expected = {"closes_total 4400": 1, "closes_total 4401": 1, "errors_total bad_frame": 1}
    assert await settled(metered, before, expected, "closes_total", "errors_total") == expected


async def test_a_turn_of_the_assistant_is_counted_by_the_node_that_gave_the_answer(metered: Stage):
    (ann,) = metered.people("ann")
    device = await metered.arrive(ann)
    direct = int((await device.create(["assistant"]))["conversation"])
    await device.wait_for(lambda each: direct in each.conversations)
    before = [await counts(metered, node) for node in (1, 2)]

    await device.post(direct, "search for treasure")
    await device.wait_for(ended(direct), SECONDS)
    await device.wait_for(lambda each: answers(each, direct), SECONDS)

    once = {
        "turns_total done": 1,
        "turn_seconds_count": 1,
        "turn_first_word_seconds_count": 1,
        "turn_tool_calls_total search_history": 1,
        "changes_total answer": 1,
    }
    found: Counts = {}
    for _ in range(100):  # the end is counted after it was told
        after = [await counts(metered, node) for node in (1, 2)]
        each_moved = [moved(*pair, *(key.split(" ")[0] for key in once)) for pair in zip(before, after, strict=True)]
        each_moved[0].pop("changes_total post")
        found = each_moved[0] | each_moved[1]
        if found == once:
            break
        await asyncio.sleep(0.05)
    assert found == once
    assert sorted(map(len, each_moved)) == [0, len(once)]
    tokens = [moved(*pair, "turn_tokens_total", "turn_retries_total") for pair in zip(before, after, strict=True)]
    assert [*tokens[0], *tokens[1]] == ["turn_tokens_total"]
    assert [each["turns_running"] for each in after] == [0, 0]


async def test_only_who_may_read_the_page_reads_it(metered: Stage):
    assert (await page_of(metered, 1)).status_code == 200
    assert (await page_of(metered, 1, **{"X-Forwarded-For": "127.0.0.1"})).status_code == 404
    assert (await page_of(metered, 2)).status_code == 401
    assert (await page_of(metered, 2, authorization=f"Bearer {TOKEN}")).status_code == 200
    async with httpx.AsyncClient() as browser:
        address = metered.cluster.http_url("server_1") + "/metrics"
        head = await browser.head(address)
        assert (head.status_code, head.content) == (200, b"")
        assert (await browser.post(address)).status_code == 405


async def test_nothing_that_people_are_or_say_is_on_the_page(metered: Stage):
    ann, bob = metered.people("canaryann", "canarybob")
    group = metered.group(ann, bob, title="canary-title")
    device = await metered.arrive(ann, 2)
    await device.post(group, "canary-text")
    await device.send_raw(orjson.dumps({"type": "canary-command", "ref": 1}))
    await metered.level(device, conversations=[group])

    page = (await page_of(metered, 2, authorization=f"Bearer {TOKEN}")).text

    session_key = ann.cookies.partition("=")[2].partition(";")[0]
    assert len(session_key) > 20
    assert [each for each in ("canary", session_key, str(device.welcome["device"]["id"])) if each in page] == []
