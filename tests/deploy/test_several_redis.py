"""More than one Redis: shards of the channel layer, and a master that dies behind Sentinel and HAProxy."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from chat.drills.crowd import Crowd, Traffic
from chat.drills.scale import SHORT
from chat.ops.redis_server import RedisServer
from chat.proof.site import Site
from tests.deploy.sentinel import MISSING, SECONDS, SentinelGroup, haproxy

PER_SECOND = 40
MANY_GROUPS = replace(SHORT, groups=20)
"""Where a conversation is goes by its name: of the first twenty some are on each of two."""


def groups_on(server: RedisServer) -> int:
    """How many conversations nodes listen to there."""
    with redis.Redis.from_url(server.url) as client:
        return sum(b"conversation" in name for name in client.pubsub_channels())


@pytest.mark.timeout(180)
async def test_shards_share_the_conversations_and_one_that_dies_takes_nothing_with_it(
    sqlite_url: Callable[[], str], tmp_path: Path
):
    with (
        RedisServer(tmp_path / "one") as one,
        RedisServer(tmp_path / "two") as two,
        Site(tmp_path, database_url=sqlite_url(), redis_url=f"{one.url},{two.url}") as site,
    ):
        async with site.cluster(2) as nodes:
            crowd = await Crowd.gather(site, nodes, MANY_GROUPS)
            shares = groups_on(one), groups_on(two)
            async with Traffic(crowd, per_second=PER_SECOND):
                await asyncio.sleep(1.0)
                two.kill()
                await asyncio.sleep(2.0)
                await asyncio.to_thread(two.start)
                await asyncio.sleep(1.0)
            assert await crowd.finish()

            assert min(shares) > 0
            assert sum(shares) == len(crowd.groups)
            assert (crowd.violations, await crowd.verdict()) == ([], [])
            assert "Traceback" not in site.log_text(nodes)
            await crowd.close()


@pytest.mark.timeout(180)
async def test_nothing_is_lost_when_the_master_dies_behind_sentinel(sqlite_url: Callable[[], str], tmp_path: Path):
    if haproxy() is None:
        pytest.skip(MISSING)
    with SentinelGroup(tmp_path) as group, Site(tmp_path, database_url=sqlite_url(), redis_url=group.url) as site:
        async with site.cluster(2) as nodes:
            crowd = await Crowd.gather(site, nodes, SHORT)
            async with Traffic(crowd, per_second=PER_SECOND) as traffic:
                await asyncio.sleep(1.0)
                began = time.monotonic()
                old = group.kill_master()
                await asyncio.to_thread(_wait_for_another, group, old)
                told = time.monotonic() - began
                await asyncio.to_thread(_wait_until_writable, group)
                print(f"\n  a new master after {told:.1f} s, writable after {time.monotonic() - began:.1f} s")
                await asyncio.sleep(2.0)
            assert await crowd.finish()

            assert len(traffic.posts) > PER_SECOND
            assert (crowd.violations, await crowd.verdict()) == ([], [])
            came = await crowd.follow(crowd.everybody[0], 0)
            assert came.session["source"] in {"checkpoint", "log"}
            assert "Traceback" not in site.log_text(nodes)
            await crowd.close()


def _wait_for_another(group: SentinelGroup, old: int) -> None:
    deadline = time.monotonic() + SECONDS
    while group.master_port() == old:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _wait_until_writable(group: SentinelGroup) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            with redis.Redis.from_url(group.url, socket_timeout=1) as client:
                client.set("trial", "1")
                return
        except redis.RedisError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
