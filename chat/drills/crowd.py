"""The base load of a drill: people with two devices each, on all nodes and in several conversations, who post."""

import asyncio
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self

from chat.drills.scale import Scale
from chat.proof.cluster import Cluster
from chat.proof.device import Device
from chat.proof.evidence import Trigger
from chat.proof.site import Person, Site
from chat.proof.stage import Stage

STEPS = (0, 1, 3, 5)
"""Who is in a group, counted from its owner; the last group is of everybody."""

ANSWER_SECONDS = 60.0
BACK_SECONDS = 60.0
LEVEL_SECONDS = 30.0


class Crowd(Stage):
    """A stage on which everybody is there, with two devices each, spread over the nodes.

    `triggers` are the questions that the assistant has to have answered when the checker looks.
    """

    everybody: list[Person]
    groups: list[int]
    triggers: list[Trigger]
    front_ports: Sequence[int] = ()
    _quiet: set[str]

    @classmethod
    async def gather(
        cls,
        site: Site,
        cluster: Cluster,
        scale: Scale,
        *,
        heartbeat_seconds: float | None = None,
        front_ports: Sequence[int] = (),
        people: Sequence[Person] = (),
    ) -> Self:
        """`people` are those who come, if they are known already; without them new ones do.

        `heartbeat_seconds` makes devices notice a silent node sooner than the server asks for. `front_ports` are
        of what stands between devices and nodes, in the order of the nodes.
        """
        crowd = cls(site, cluster)
        crowd.front_ports = front_ports
        crowd.triggers, crowd._quiet = [], set()
        crowd.everybody = list(people) or crowd.people(*(f"user_{number}_" for number in range(scale.people)))
        crowd.groups = [crowd.group(*crowd._some(start)) for start in range(scale.groups - 1)]
        crowd.groups.append(crowd.group(*crowd.everybody, title="Everybody"))
        arrivals = [  # the second device of a person is on the next node
            crowd.follow(person, number + number // scale.people, heartbeat_seconds=heartbeat_seconds)
            for number, person in enumerate(crowd.everybody * 2)
        ]
        await asyncio.gather(*arrivals)
        return crowd

    async def follow(self, person: Person, first: int, **options: Any) -> Device:
        """A device that stays connected to one of the nodes, the `first` one first."""
        ports = self.front_ports or [0] * len(self.cluster.names)
        urls = [self.cluster.ws_url(name, port=port) for name, port in zip(self.cluster.names, ports, strict=True)]
        device = self.device(person, **options)
        await device.follow([*urls[first % len(urls) :], *urls[: first % len(urls)]], timeout_seconds=BACK_SECONDS)
        return device

    def keep_quiet(self, devices: Iterable[Device]) -> None:
        """These do not take part in the traffic, nor come back by themselves."""
        self._quiet |= {device.name for device in devices}

    @property
    def talking(self) -> list[Device]:
        """The devices that take part in the traffic."""
        return [device for device in self.devices if device.name not in self._quiet]

    def on(self, node: str) -> list[Device]:
        """The devices that are on this node now."""
        return [device for device in self.devices if device.node == node and device.is_connected]

    async def finish(self, *, seconds: float = LEVEL_SECONDS) -> bool:
        """Wait until every device is back and level; False when some are not in time, which the checker explains."""
        try:
            for device in self.devices:
                await device.wait_for(lambda device: device.is_ready, seconds)
            await self.level(*self.devices, seconds=seconds)
        except TimeoutError:
            return False
        return True

    def _some(self, start: int) -> list[Person]:
        return [self.everybody[(start + step) % len(self.everybody)] for step in STEPS]


class Traffic:
    """Posts from every device in turn; `async with Traffic(crowd, per_second=40):`. At its end all are acknowledged."""

    def __init__(self, crowd: Crowd, *, per_second: float) -> None:
        self.posts: list[asyncio.Task[dict[str, Any]]] = []
        self._crowd = crowd
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
        await asyncio.gather(*self.posts, return_exceptions=failed is not None)

    async def _run(self) -> None:
        loop, devices = asyncio.get_running_loop(), self._crowd.talking
        due, turn = loop.time(), 0
        while True:
            device = devices[turn % len(devices)]
            self.posts.append(asyncio.create_task(self._post(device, turn)))
            turn += 1
            due = max(due + self._pause_seconds, loop.time() - 1.0)  # what a busy moment held up is made up for
            await asyncio.sleep(due - loop.time())

    async def _post(self, device: Device, turn: int) -> dict[str, Any]:
        mine = [group for group in self._crowd.groups if group in device.entries]
        return await device.post(mine[turn % len(mine)], f"post {turn}", timeout_seconds=ANSWER_SECONDS)
