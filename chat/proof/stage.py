"""What one test or drill does on running nodes: its people, their devices, what they saw, and the verdict about it."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from chat.proof.checker import Case, Violation
from chat.proof.cluster import Cluster
from chat.proof.device import Device
from chat.proof.evidence import Member, Trigger
from chat.proof.history import History
from chat.proof.site import Person, Site

LEVEL_SECONDS = 30.0


class Stage:
    """`conversations` maps ids to the people in it; every device that is made here is closed by `close`."""

    def __init__(self, site: Site, cluster: Cluster) -> None:
        self.site = site
        self.cluster = cluster
        self.history = History()
        self.devices: list[Device] = []
        self.conversations: dict[int, list[Person]] = {}

    # Making

    def people(self, *names: str) -> list[Person]:
        return self.site.people(*names)

    def group(self, *members: Person, title: str = "Group") -> int:
        """A group of which the first one is the owner."""
        owner, *others = members
        conversation = int(self.site.office.do("group", owner.id, [each.id for each in others], title))
        self.conversations[conversation] = list(members)
        return conversation

    def direct(self, one: Person, other: Person) -> int:
        conversation = int(self.site.office.do("direct", one.id, other.id))
        self.conversations[conversation] = [one, other]
        return conversation

    def device(self, person: Person, **options: Any) -> Device:
        """A device that is not connected yet."""
        if "token" not in options:
            options.setdefault("cookies", person.cookies)
        name = f"{person.username}/{len(self.devices)}"
        device = Device(name, history=self.history, **options)
        self.devices.append(device)
        return device

    def url(self, node: int) -> str:
        """The address of node 1, 2, 3 …"""
        return self.cluster.ws_url(self.cluster.names[node - 1])

    async def arrive(self, person: Person, node: int = 1, **options: Any) -> Device:
        """A device of this person, connected to a node and level with its conversations."""
        device = self.device(person, **options)
        await device.connect(self.url(node))
        return device

    # Waiting and judging

    def heads(self) -> dict[int, int]:
        """The position of every conversation here, as the log has it."""
        found = self.site.office.do("heads", list(self.conversations))
        return {int(key): head for key, head in found.items()}

    async def level(self, *devices: Device, conversations: Sequence[int] = (), seconds: float = LEVEL_SECONDS) -> None:
        """Wait until these devices, or all that are connected, hold all of their conversations."""
        heads = self.site.office.do("heads", list(conversations or self.conversations))
        for device in devices or [each for each in self.devices if each.is_connected]:
            for key, head in heads.items():
                if any(each.id == device.user["id"] for each in self.conversations[int(key)]):
                    await device.wait_for(_holds(int(key), head), seconds)

    async def case(
        self, members: Mapping[int, Sequence[Member]] | None = None, triggers: Sequence[Trigger] = ()
    ) -> Case:
        """All that the checker needs; the history ends here, and every device has to be back by now."""
        stays = {key: [Member(each.id) for each in people] for key, people in self.conversations.items()}
        finals = await self._finals()
        self.history.end()
        log = self.site.office.do("log_of", list(self.conversations))
        return Case(self.history, log, finals, {**stays, **(members or {})}, triggers)

    async def verdict(
        self, members: Mapping[int, Sequence[Member]] | None = None, triggers: Sequence[Trigger] = ()
    ) -> list[Violation]:
        """What the checker says about all that happened here."""
        return (await self.case(members, triggers)).violations()

    async def _finals(self) -> dict[str, dict[int, list[dict[str, Any]]]]:
        """Each conversation, read whole through every node by one who is in it."""
        finals: dict[str, dict[int, list[dict[str, Any]]]] = {}
        running = [name for name, node in self.cluster.nodes.items() if node.is_running]
        for name in running:
            finals[name] = {}
            for conversation in self.conversations:
                finals[name][conversation] = await self._read(name, conversation)
        return finals

    async def _read(self, node: str, conversation: int) -> list[dict[str, Any]]:
        reader = Device("reader", cookies=self.conversations[conversation][0].cookies)
        try:
            await reader.connect(self.cluster.ws_url(node))
            return await reader.whole_history(conversation)
        finally:
            await reader.close()

    @property
    def violations(self) -> list[str]:
        """What the devices themselves found wrong with what they were sent."""
        return [f"{device.name}: {each}" for device in self.devices for each in device.violations]

    async def close(self) -> None:
        async with AsyncExitStack() as stack:
            for device in self.devices:
                stack.push_async_callback(device.close)


def _holds(conversation: int, position: int) -> Any:
    return lambda device: device.cursor(conversation) >= position


class NotInTime(AssertionError):
    """What was waited for did not come."""


async def eventually(predicate: Any, *, seconds: float = 10.0, what: str = "") -> None:
    """Wait for something that no device tells."""
    try:
        async with asyncio.timeout(seconds):
            while not predicate():  # noqa: ASYNC110 - what it waits for is in another process
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise NotInTime(f"not within {seconds:g} s: {what or predicate}") from None
