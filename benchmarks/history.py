"""What posting, coming back and paging cost in short and long conversations, in turn, on the same nodes."""

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.systems.distchat import Distchat
from benchmarks.workloads import Workload
from chat.proof.device import Device

ROOM_SIZE = 3
LENGTHS = (100, 10_000, 1_000_000)
POSTS = 300
RESTORES = 60
PAGES = 100
PAGE_MESSAGES = 50
WARM_UPS = 20
MISSED = 5
REST_SECONDS = 0.02
"""Before each act, so that what a node gathers for the frames of the act before is not measured with this one."""


@dataclass(frozen=True, slots=True)
class HistoryCost:
    """Medians in ms with `lengths` messages in the conversation, and the last divided by the first."""

    system: str
    act: str
    lengths: tuple[int, ...]
    medians_ms: tuple[float, ...]
    times: int

    @property
    def ratio(self) -> float:
        return self.medians_ms[-1] / self.medians_ms[0]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}


class Room:
    """Three members of one conversation: one posts, one comes back to what it missed, one always starts afresh."""

    def __init__(self, system: Distchat, number: int) -> None:
        self._conversation = system.conversations[number]
        self._length = LENGTHS[number]
        self._url = system.cluster.urls[0]
        self._cookies = [f"sessionid={key}" for key in system.cookies[number * ROOM_SIZE : (number + 1) * ROOM_SIZE]]
        self._poster, self._returning = self._device(0), self._device(1)

    async def __aenter__(self) -> "Room":
        await self._poster.connect(self._url)
        await self._returning.connect(self._url)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._poster.close()
        await self._returning.close()

    async def post(self) -> float:
        """Seconds until the message is acknowledged."""
        return await _seconds(self._poster.post(self._conversation, "the five boxing wizards jump quickly"))

    async def replay(self) -> float:
        """Seconds from opening the socket until MISSED messages are there and the device has caught up."""
        await self._returning.close()
        for _ in range(MISSED):
            await self.post()
        return await _seconds(self._returning.connect(self._url))

    async def snapshot(self) -> float:
        """The same for a device that the server has never seen."""
        device = self._device(2)
        try:
            return await _seconds(device.connect(self._url))
        finally:
            await device.close()

    async def page(self) -> float:
        """Seconds until a page from the middle of the conversation is there."""
        asked = self._poster.history(self._conversation, before=self._length // 2 + 1, limit=PAGE_MESSAGES)
        return await _seconds(asked)

    def _device(self, member: int) -> Device:
        return Device(f"member {member}", cookies=self._cookies[member], keep="counts", is_strict=False)


ACTS: dict[str, tuple[Callable[[Room], Awaitable[float]], int]] = {
    "post": (Room.post, POSTS),
    "restore by cursor": (Room.replay, RESTORES),
    "restore by snapshot": (Room.snapshot, RESTORES),
    "page": (Room.page, PAGES),
}


async def measure_history(system_class: type[Distchat], share: float = 1.0) -> list[HistoryCost]:
    """Each act in all conversations in turn, in random order; `share` of the usual number of times."""
    workload = Workload("history", (ROOM_SIZE,) * len(LENGTHS), 0)
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as directory:
        system = system_class(workload, Path(directory))
        system.pasts = LENGTHS
        async with system, AsyncExitStack() as stack:
            rooms = [await stack.enter_async_context(Room(system, number)) for number in range(len(LENGTHS))]
            return [await _measure(system.name, act, rooms, share) for act in ACTS]


async def _measure(system: str, act: str, rooms: list[Room], share: float) -> HistoryCost:
    run, times = ACTS[act]
    times = max(10, int(times * share))
    taken: tuple[list[float], ...] = tuple([] for _ in rooms)
    in_turn = list(zip(rooms, taken, strict=True))
    for turn in range(-WARM_UPS, times):
        random.shuffle(in_turn)
        for room, seconds in in_turn:
            await asyncio.sleep(REST_SECONDS)
            spent = await run(room)
            if turn >= 0:
                seconds.append(spent)
    return HistoryCost(system, act, LENGTHS, tuple(median(seconds) * 1e3 for seconds in taken), times)


async def _seconds(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began
