"""An export under traffic is one moment of a site, and arrives on devices of another site without their coming back."""

import asyncio
import json
from itertools import count
from pathlib import Path

import pytest

from chat.ops.redis_server import RedisServer
from chat.proof.device import Device
from chat.proof.site import Site
from chat.proof.stage import Stage

SEEN_SECONDS = 20

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def keep_posting(device: Device, groups: list[int]) -> None:
    for number in count():
        await device.post(groups[number % len(groups)], f"{number}")


async def manage(site: Site, *words: str | Path) -> str:
    done = await asyncio.to_thread(site.manage, *map(str, words))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def other_site(sqlite_url, own_redis: RedisServer, tmp_path: Path):
    """On SQLite, whatever the first one is on."""
    with Site(tmp_path, database_url=sqlite_url(), redis_url=own_redis.url) as site:
        yield site


async def test_conversations_move_from_a_running_site_to_another(each_stage: Stage, other_site: Site, tmp_path: Path):
    stage, file = each_stage, tmp_path / "export.ndjson"
    ann, bob = stage.people("ann", "bob")
    groups = [stage.group(ann, bob, title=title) for title in ("one", "two")]
    writer = await stage.arrive(ann, 1)
    traffic = asyncio.create_task(keep_posting(writer, groups))
    await asyncio.sleep(0.3)
    said = await manage(stage.site, "export_data", file, "--conversation", *map(str, groups))
    assert "2 users, 2 conversations, 4 memberships, " in said
    before = stage.site.office.do("heads", groups)
    await asyncio.sleep(0.1)
    traffic.cancel()
    assert before != stage.site.office.do("heads", groups)
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    texts = [line["text"] for line in lines if line["type"] == "message" and "text" in line]
    # Posted in turn, one after the other: of one moment there is no later one without all earlier ones.
    assert sorted(map(int, texts)) == list(range(len(texts)))
    assert len(texts) < sum(before.values())

    found = other_site.office.do("enlist", [ann.username])
    async with other_site.cluster(1) as cluster:
        here = Device("ann elsewhere", cookies=found[ann.username]["cookies"])
        await here.connect(cluster.urls[0])
        try:
            assert here.entries == {}
            said = await manage(other_site, "import_data", file)
            assert said.startswith("Imported 2 of 2 conversations; of 2 users 1 were here.")
            await here.wait_for(lambda device: len(device.entries) == 2 and device.is_ready, SEEN_SECONDS)
            assert sorted(entry["title"] for entry in here.entries.values()) == ["one", "two"]
            one = next(key for key, entry in here.entries.items() if entry["title"] == "one")
            answer = await here.post(one, "after the import")
            assert answer["seq"] == here.entries[one]["head"] + 1
            history = await here.whole_history(one)
            evens = [text for text in texts if int(text) % 2 == 0]
            assert [each["text"] for each in history if each["kind"] == "text"] == [*evens, "after the import"]
            assert here.violations == []
        finally:
            await here.close()
