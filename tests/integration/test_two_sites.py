"""Two sites with databases of their own on one Redis: the same ids, and nothing in common."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path

import redis

from chat.ops.redis_server import RedisServer
from chat.proof.site import Site
from chat.proof.stage import Stage, eventually

PREFIXES = ("here", "there")


class OneOfTwo(Site):
    """Named after its folder, in Redis too."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "REDIS_PREFIX": self.folder.name}


async def test_two_sites_on_one_redis_see_nothing_of_each_other(
    sqlite_url: Callable[[], str], own_redis: RedisServer, tmp_path: Path
):
    async with AsyncExitStack() as stack:
        stages = []
        for prefix in PREFIXES:
            folder = tmp_path / prefix
            folder.mkdir()
            site = stack.enter_context(OneOfTwo(folder, database_url=sqlite_url(), redis_url=own_redis.url))
            nodes = await stack.enter_async_context(site.cluster(2))
            stages.append(Stage(site, nodes))
            stack.push_async_callback(stages[-1].close)
        here, there = stages
        groups = [stage.group(*stage.people("ann", "bob")) for stage in stages]
        assert groups[0] == groups[1]
        (group,) = set(groups)

        ann, bob = here.conversations[group]
        writer, reader = await here.arrive(ann, 1), await here.arrive(bob, 2)
        _, stranger = there.conversations[group]
        elsewhere = await there.arrive(stranger, 1)
        assert [device.user["id"] for device in (reader, elsewhere)] == [bob.id, bob.id]

        await writer.post(group, "hello")
        await here.level()
        await elsewhere.post(group, "another hello")
        await there.level()

        assert [text for _, text in reader.transcript(group)[1:]] == ["hello"]
        assert [text for _, text in elsewhere.transcript(group)[1:]] == ["another hello"]
        assert elsewhere.entries[group]["members"][0]["online"] is False  # ann of the other site is
        assert [await stage.verdict() for stage in stages] == [[], []]
        with redis.Redis.from_url(own_redis.url, decode_responses=True) as client:
            await eventually(lambda: {key.split(":")[0] for key in client.keys("*_session:*")} == _sessions())
            assert [key for key in client.keys("*") if not key.startswith(PREFIXES)] == []
            assert [channel for channel in client.pubsub_channels() if not channel.startswith(PREFIXES)] == []


def _sessions() -> set[str]:
    return {f"{prefix}_session" for prefix in PREFIXES}
