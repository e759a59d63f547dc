"""The base load of a drill: people with two devices each, on all nodes and in several conversations, who post."""

import asyncio
from types import TracebackType
from typing import Self

from chat.proof.cluster import Cluster
from chat.proof.device import Device
from tests.integration.site import Person, Site
from tests.integration.stage import Stage

PEOPLE = 9
POSTS_PER_SECOND = 40
ANSWER_SECONDS = 60.0


class Drill(Stage):
    """A stage on which everybody is there: 9 people with 2 devices each, in 6 groups of 4 and one of all."""

    everybody: list[Person]
    groups: list[int]

    @classmethod
    async def begin(cls, site: Site, cluster: Cluster) -> Self:
        drill = cls(site, cluster)
        drill.everybody = drill.people(*(f"user_{i}_" for i in range(PEOPLE)))
        drill.groups = [drill.group(*drill._some(start)) for start in range(6)]
        drill.groups.append(drill.group(*drill.everybody, title="Everybody"))
        arrivals = [drill.follow(person, i) for i, person in enumerate(drill.everybody * 2)]
        await asyncio.gather(*arrivals)
        return drill

    async def follow(self, person: Person, first: int, **options: float) -> Device:
        """A device that stays connected to one of the nodes, the `first` one first."""
        urls = self.cluster.urls
        device = self.device(person)
        await device.follow([*urls[first % len(urls) :], *urls[: first % len(urls)]], **options)
        return device

    async def finish(self, *, seconds: float = 45.0) -> None:
        """Wait until every device is back and level."""
        for device in self.devices:
            await device.wait_for(lambda device: device.is_ready, seconds)
        await self.level(*self.devices, seconds=seconds)

    def is_in(self, person: Person, group: int) -> bool:
        return any(each.id == person.id for each in self.conversations[group])

    def _some(self, start: int) -> list[Person]:
        return [self.everybody[(start + step) % PEOPLE] for step in (0, 1, 3, 5)]


class Traffic:
    """Posts from every device in turn; `async with Traffic(drill):`. At its end every post has been acknowledged."""

    def __init__(self, drill: Drill, *, per_second: float = POSTS_PER_SECOND) -> None:
        self.posts: list[asyncio.Task[dict]] = []
        self._drill = drill
        self._pause_seconds = 1 / per_second
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, failed: type[BaseException] | None, _: object, __: TracebackType | None) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if failed is not None:
            for post in self.posts:
                post.cancel()
        results = await asyncio.gather(*self.posts, return_exceptions=failed is not None)
        assert failed is not None or len(results) > 0

    async def _run(self) -> None:
        turn = 0
        while True:
            device = self._drill.devices[turn % len(self._drill.devices)]
            self.posts.append(asyncio.create_task(self._post(device, turn)))
            turn += 1
            await asyncio.sleep(self._pause_seconds)

    async def _post(self, device: Device, turn: int) -> dict:
        mine = [group for group in self._drill.groups if str(group) in map(str, device.entries)]
        return await device.post(mine[turn % len(mine)], f"post {turn}", timeout_seconds=ANSWER_SECONDS)


async def breathe(seconds: float) -> None:
    """Let the traffic flow for a while."""
    await asyncio.sleep(seconds)
