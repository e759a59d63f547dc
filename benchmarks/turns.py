"""What the assistant costs others: a conversation without it, with and without ten turns at once; and what stays."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from benchmarks.driver.crew import Counted, Crew, Load
from benchmarks.driver.tally import percentile_ms
from benchmarks.measuring import Pace
from benchmarks.systems.distchat import NO_LIMIT, Distchat
from benchmarks.workloads import NODES, Workload, steady
from chat.proof.device import Device

ASKERS = 10
WINDOWS = 4
"""Spells with and without turns, in turn."""
BESIDE = steady(60, 50)
TURNS = 2000
EARLY_TURNS = 200
LONG_QUESTION = "What can you do?"
SHORT_QUESTION = "Who is here?"
ANSWER_SECONDS = 60.0
REST_SECONDS = 3.0
"""Sessions are folded, and receipts gone, by then."""


@dataclass(frozen=True, slots=True)
class TurnCost:
    """Latency from post to delivery in a conversation without an assistant, ms, alone and beside `at_once` turns."""

    at_once: int
    turns: int
    alone_p50_ms: float
    alone_p99_ms: float
    beside_p50_ms: float
    beside_p99_ms: float

    @property
    def ratio(self) -> float:
        return self.beside_p99_ms / self.alone_p99_ms

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio}


@dataclass(frozen=True, slots=True)
class TurnsKept:
    """What Redis holds, without the layer's own, after `few` and after `many` turns of the same conversations."""

    few: int
    many: int
    few_keys: int
    many_keys: int
    few_bytes: int
    many_bytes: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Asked(Distchat):
    """distchat, and some people more, each of whom talks to the assistant alone."""

    more_users = ASKERS

    def __init__(self, workload: Workload, directory: Path) -> None:
        super().__init__(workload, directory)
        self.environment |= {"ASSISTANT_TURNS_PER_HOUR": NO_LIMIT, "ASSISTANT_TOKENS_PER_DAY": NO_LIMIT}


class Asker:
    """Someone who asks again as soon as there is an answer."""

    def __init__(self, device: Device, conversation: int) -> None:
        self._device = device
        self._conversation = conversation
        self.turns = 0

    async def ask(self, question: str) -> None:
        await self._device.post(self._conversation, question)
        self.turns += 1
        await self._device.wait_for(lambda device: self._answered(device) >= self.turns, ANSWER_SECONDS)

    async def keep_asking(self, question: str, *, after: float) -> None:
        await asyncio.sleep(after)
        while True:
            await self.ask(question)

    def _answered(self, device: Device) -> int:
        return sum(each.has_ended for each in device.heard.values())


async def measure_turns(pace: Pace, share: float = 1.0) -> tuple[TurnCost, TurnsKept]:
    """Both on the same three nodes; `share` of the usual number of turns is looked for in Redis."""
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as directory:
        async with Asked(BESIDE, Path(directory)) as system, _asking(system) as askers:
            cost = await _cost(system, askers, pace)
            return cost, await _kept(system, askers, int(TURNS * share), int(EARLY_TURNS * share))


@asynccontextmanager
async def _asking(system: Asked) -> AsyncIterator[list[Asker]]:
    devices = []
    try:
        askers = []
        for number in range(ASKERS):
            cookies = f"sessionid={system.cookies[BESIDE.devices + number]}"
            device = Device(f"asker {number}", cookies=cookies, keep="counts", is_strict=False)
            await device.connect(system.cluster.urls[number % NODES])
            devices.append(device)
            askers.append(Asker(device, int((await device.create(["assistant"]))["conversation"])))
        yield askers
    finally:
        for device in devices:
            await device.close()


async def _cost(system: Asked, askers: list[Asker], pace: Pace) -> TurnCost:
    crew = Crew(system.seats(), processes=pace.drivers)
    alone: Counter[int] = Counter()
    beside: Counter[int] = Counter()
    async with crew:
        await crew.connect()
        for _ in range(WINDOWS):
            alone += _latencies(await _window(crew, pace))
            async with _busy(askers, pace.warm_up_seconds):
                beside += _latencies(await _window(crew, pace))
    turns = sum(asker.turns for asker in askers)
    figures = [percentile_ms(each, share) or 0.0 for each in (alone, beside) for share in (0.5, 0.99)]
    return TurnCost(ASKERS, turns, *figures)


@asynccontextmanager
async def _busy(askers: list[Asker], begun_within: float) -> AsyncIterator[None]:
    """All of them ask, one after the other begins: people do not ask in step."""
    async with asyncio.TaskGroup() as group:
        asking = [
            group.create_task(asker.keep_asking(LONG_QUESTION, after=number / len(askers) * begun_within))
            for number, asker in enumerate(askers)
        ]
        yield
        for task in asking:
            task.cancel()
    await asyncio.sleep(REST_SECONDS)


async def _window(crew: Crew, pace: Pace) -> Counted:
    load = Load(rate_per_sender=BESIDE.rate_per_sender)
    return await crew.run(load, warm_up_seconds=pace.warm_up_seconds, seconds=pace.seconds)


def _latencies(counted: Counted) -> Counter[int]:
    return counted.local + counted.remote


async def _kept(system: Asked, askers: list[Asker], many: int, few: int) -> TurnsKept:
    await _ask(askers, few)
    few_keys, few_bytes = await _held(system)
    await _ask(askers, many - few)
    many_keys, many_bytes = await _held(system)
    return TurnsKept(few, many, few_keys, many_keys, few_bytes, many_bytes)


async def _ask(askers: list[Asker], turns: int) -> None:
    async def some(asker: Asker) -> None:
        for _ in range(turns // len(askers)):
            await asker.ask(SHORT_QUESTION)

    await asyncio.gather(*(some(asker) for asker in askers))


async def _held(system: Asked) -> tuple[int, int]:
    """Keys, and the bytes of all of them."""
    await asyncio.sleep(REST_SECONDS)
    redis = Redis.from_url(system.redis.url)
    try:
        keys = [key async for key in redis.scan_iter(count=1000)]
        return len(keys), sum([await redis.memory_usage(key) or 0 for key in keys])
    finally:
        await redis.aclose()
