"""A backup taken under traffic brings a site back, and every device finds its way into the new life by itself."""

import asyncio
from pathlib import Path

import pytest

from chat.proof.device import Device
from chat.proof.history import History
from chat.proof.site import Person, Site
from chat.proof.stage import Stage, eventually

BACK_SECONDS = 40


def manage(site: Site, *words: str | Path, refused: bool = False) -> str:
    """What a command says; with `refused` what it says in refusing."""
    site.office.do("let_go")
    done = site.manage(*map(str, words))
    assert (done.returncode != 0) == refused, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr if refused else done.stdout


async def beside(site: Site, *words: str | Path, refused: bool = False) -> str:
    return await asyncio.to_thread(manage, site, *words, refused=refused)


async def keep_posting(device: Device, group: int, posts: list[asyncio.Task]) -> None:
    number = 0
    while True:
        number += 1
        posts.append(asyncio.create_task(device.post(group, f"{device.name} {number}", timeout_seconds=120)))
        await asyncio.sleep(0.03)


async def settle(stage: Stage) -> None:
    for device in stage.devices:
        await device.wait_for(lambda device: device.is_ready, BACK_SECONDS)
    await stage.level(*stage.devices)


def begin_again(stage: Stage, waiting: list[str]) -> None:
    """Judge from here on: the checker knows one life of a log. What waits in outboxes was written in the old one."""
    old = stage.history
    stage.history = History([line for line in old if line.what == "post" and line.act in waiting])
    for conversation, head in stage.site.office.do("heads", list(stage.conversations)).items():
        stage.history.existing(int(conversation), head)
    for device in stage.devices:
        stage.history.add(device.name, "device", user=device.user["id"])
        device.record = stage.history


async def arrive(stage: Stage, people: list[Person]) -> list[Device]:
    devices = [stage.device(person) for person in people for _ in range(2)]
    for number, device in enumerate(devices):
        urls = stage.cluster.urls
        await device.follow([urls[number % 2], urls[1 - number % 2]])
    return devices


@pytest.mark.timeout(240)
async def test_after_a_restore_every_device_ends_with_the_log_and_what_was_unsent_arrives_once(
    each_own_site: Site, tmp_path: Path
):
    site, file = each_own_site, tmp_path / "backups" / "site.tar.gz"
    cluster = site.cluster(2)
    await cluster.start()
    stage = Stage(site, cluster)
    try:
        ann, bob, eve = stage.people("ann", "bob", "eve")
        group, pair = stage.group(ann, bob, eve), stage.direct(ann, bob)
        devices = await arrive(stage, [ann, bob, eve])
        writers = [(devices[0], group), (devices[2], pair), (devices[4], group)]
        posts: list[asyncio.Task] = []
        traffic = [asyncio.create_task(keep_posting(*writer, posts)) for writer in writers]
        await asyncio.sleep(1.0)
        assert "written" in await beside(site, "backup", file)
        await asyncio.sleep(1.0)
        assert "exists already" in await beside(site, "backup", file, refused=True)
        assert file.stat().st_mode & 0o777 == 0o600
        assert "is whole" in await beside(site, "backup", "--verify", file)
        assert "Nodes are running" in await beside(site, "restore", file, refused=True)
        late = stage.group(eve, ann, title="After the backup")
        del stage.conversations[late]

        await cluster.kill_all()
        for task in traffic:
            task.cancel()
        await eventually(lambda: not any(device.is_connected for device in devices))
        old_cursors = devices[1].cursor(group), devices[1].replica(group).epoch
        waiting = [post for post in posts if not post.done()]
        unsent = [asyncio.create_task(devices[0].post(group, f"unsent {i}", timeout_seconds=120)) for i in range(3)]
        before = site.office.do("heads", [group, pair])
        # A node that was killed is on the board for as long as it might only be slow.
        await asyncio.sleep(11)
        assert "not empty" in await beside(site, "restore", file, refused=True)
        assert site.office.do("heads", [group, pair]) == before
        assert "begins the epoch" in await beside(site, "restore", "--force", file)

        restored = site.office.do("log_of", [group, pair])
        restored_heads = site.office.do("heads", [group, pair, late])
        assert set(restored_heads) == {str(group), str(pair)}
        assert all(restored_heads[key] < before[key] for key in before)
        acts = {line.act for line in stage.history if line.what == "post"}
        begin_again(stage, sorted(acts))
        stage.cluster = cluster
        for name in cluster.names:
            await cluster.restart(name)
        answers = await asyncio.gather(*waiting, *unsent)
        await devices[5].wait_for(lambda device: device.is_ready, BACK_SECONDS)
        fresh = await devices[5].post(group, "in the new life")
        await settle(stage)

        log = site.office.do("log_of", [group, pair])
        seen = {(each["conversation"], each["seq"]) for each in restored}
        new = [each for each in log if (each["conversation"], each["seq"]) not in seen]
        answered = [(answer["conversation"], answer["seq"]) for answer in [*answers, fresh]]
        assert [each for each in log if (each["conversation"], each["seq"]) in seen] == restored
        assert sorted((each["conversation"], each["seq"]) for each in new) == sorted(set(answered) - seen)
        assert [each["text"] for each in new if each["text"].startswith("unsent")] == [
            "unsent 0",
            "unsent 1",
            "unsent 2",
        ]
        assert (devices[1].cursor(group), devices[1].replica(group).epoch) != old_cursors
        assert stage.violations == []
        assert await stage.verdict() == []
    finally:
        await stage.close()
        await cluster.kill_all()
