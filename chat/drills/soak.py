"""Half of the load that a site can take, for as long as one likes, with faults by chance: nothing may grow.

The time is cut into chapters. In each the same people come with their devices, talk in new groups while faults happen,
are judged, leave the groups and go. In between nobody is there, and what the nodes and Redis still hold is counted.
"""

import asyncio
import gc
import random
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from statistics import median

import redis.asyncio

from chat.drills.criterion import Criterion, at_least, at_most
from chat.drills.crowd import Crowd, Traffic
from chat.drills.drill import Drill
from chat.drills.scene import Scene
from chat.proof.cluster import Cluster
from chat.proof.device import Device
from chat.proof.proxy import Proxy
from chat.proof.site import Person

CHAPTERS = at_least("chapters, each judged", 20, short=2)
FAULTS = at_least("faults", 100, short=4)
OBJECTS = at_most("growth of what objects hold in a node that lives through all of it", 1.02, "x")
"""Counted in blocks of memory, to the last one: what is forgotten to be forgotten shows here first."""
MEMORY = at_most("growth of the memory of its process", 1.04, "x")
"""Less exact: what the pile behind one fault took, some MB, is kept by the process for the next."""
FILES = at_most("growth of its open files", 1.05, "x")
TASKS = at_most("growth of its tasks", 1.05, "x")
SUBSCRIPTIONS = at_most("growth of the channels to which nodes subscribe", 1.05, "x")
KEYS = at_most("growth of the keys in Redis", 1.05, "x")

LASTING, *MORTAL = ("server_1", "server_2", "server_3")
"""The first lives through everything: what it holds at the end, it has held all the time."""

MOST_PER_SECOND = 400.0
"""More than this makes the judge slow, not the nodes."""

MEASURED_SECONDS = 5.0
REST_SECONDS = 3.0
LEVEL_SECONDS = 60.0
SLACK = 1.5
"""Judging and resting take time too."""


def soak(minutes: float) -> Drill:
    """The drill for so many minutes."""
    return Drill(
        name="soak",
        happens="half of the load that a site can take, faults by chance, and in between a count of what is held",
        criteria=(CHAPTERS, FAULTS, OBJECTS, MEMORY, FILES, TASKS, SUBSCRIPTIONS, KEYS),
        run=partial(_run, seconds=minutes * 60),
        most_seconds=minutes * 60 * SLACK + 300,
    )


@dataclass
class Soak:
    """One run: `held` are the counts at rest, one for each chapter."""

    scene: Scene
    nodes: Cluster
    line: Proxy
    people: list[Person]
    chance: random.Random
    per_second: float = 0.0
    faults: int = 0
    held: dict[Criterion, list[float]] = field(default_factory=dict)


async def _run(scene: Scene, *, seconds: float) -> None:
    clock = asyncio.get_running_loop().time
    ends_at = clock() + seconds
    async with Proxy("127.0.0.1", scene.redis.port) as line:
        behind = {LASTING: {"REDIS_URL": f"redis://127.0.0.1:{line.port}/0"}}
        async with scene.nodes(each=behind, application="chat.drills.counting:application") as nodes:
            people = scene.site.people(*(f"user_{number}_" for number in range(scene.scale.people)))
            run = Soak(scene, nodes, line, people, random.Random())
            chapters = 0
            while clock() < ends_at or chapters < CHAPTERS.limit_with(scene.scale.patience):
                await _chapter(run)
                await _count(run)
                chapters += 1
    scene.measure(CHAPTERS, chapters)
    scene.measure(FAULTS, run.faults)
    for criterion, counts in run.held.items():
        scene.outcome.series[criterion.text] = counts
        scene.measure(criterion, growth(counts))


async def _chapter(run: Soak) -> None:
    scene = run.scene
    async with scene.crowd(run.nodes, people=run.people) as crowd:
        run.per_second = run.per_second or min(MOST_PER_SECOND, await _posts_per_second(crowd) / 2)
        async with Traffic(crowd, per_second=run.per_second):
            for happens in run.chance.sample(HAPPENINGS, scene.pick(5, 2)):
                await asyncio.sleep(run.chance.uniform(1, scene.pick(5, 2)))
                async with scene.fault(happens.__name__.replace("_", " "), crowd.history):
                    await happens(run, crowd)
                run.faults += 1
            await asyncio.sleep(scene.pick(5.0, 2.0))
    await _leave(run, crowd.groups)


async def _posts_per_second(crowd: Crowd) -> float:
    """How many posts are acknowledged when every device always has one in flight."""
    clock = asyncio.get_running_loop().time
    ends_at, count = clock() + MEASURED_SECONDS, 0

    async def post(device: Device) -> None:
        nonlocal count
        mine = [group for group in crowd.groups if group in device.entries]
        while clock() < ends_at:
            await device.post(mine[count % len(mine)], f"as fast as it goes {count}")
            count += 1

    await asyncio.gather(*map(post, crowd.devices))
    return count / MEASURED_SECONDS


async def _leave(run: Soak, groups: Sequence[int]) -> None:
    """Everybody goes out of the groups of the chapter, the owner last."""
    async with run.scene.stage(run.nodes) as stage:
        devices = [await stage.arrive(person, number % 3 + 1) for number, person in enumerate(run.people)]
        for group in groups:
            for device in reversed([each for each in devices if group in each.entries]):
                await device.leave(group)


async def _count(run: Soak) -> None:
    """What is held when nobody has been there for a while."""
    for node in run.nodes.nodes.values():
        await node.wait_until_ready(LEVEL_SECONDS)
    gc.collect()  # nobody waits for this process now
    await asyncio.sleep(REST_SECONDS)
    node = run.nodes.nodes[LASTING]
    report = await node.report("/healthz")
    async with redis.asyncio.Redis.from_url(run.scene.redis.url) as client:
        held = {
            OBJECTS: report.get("blocks") or float("inf"),
            MEMORY: node.rss_bytes(),
            FILES: node.open_files(),
            TASKS: report.get("tasks", float("inf")),
            SUBSCRIPTIONS: 1 + len(await client.pubsub_channels()),
            KEYS: await client.dbsize(),
        }
    for criterion, count in held.items():
        run.held.setdefault(criterion, []).append(float(count))


def growth(counts: Sequence[float]) -> float:
    """How much more the last quarter is than the second, by their medians; of less than four the last and the first.

    The first quarter does not count: what is learned once is not growth. Raises ValueError for nothing.
    """
    if not counts:
        raise ValueError("nothing was counted")
    quarter = len(counts) // 4
    before, after = (counts[quarter : 2 * quarter], counts[-quarter:]) if quarter else (counts[:1], counts[-1:])
    return median(after) / max(1.0, median(before))


# What happens


async def a_node_is_killed(run: Soak, crowd: Crowd) -> None:
    name = run.chance.choice(MORTAL)
    await run.nodes.kill(name)
    await run.nodes.restart(name)


async def a_node_is_restarted(run: Soak, crowd: Crowd) -> None:
    await run.nodes.restart(run.chance.choice(MORTAL))


async def a_node_stands_still(run: Soak, crowd: Crowd) -> None:
    name = run.chance.choice(run.nodes.names)
    run.nodes.freeze(name)
    try:
        await asyncio.sleep(run.scene.pick(5.0, 2.0))
    finally:
        run.nodes.thaw(name)


async def redis_is_killed_and_comes_back_empty(run: Soak, crowd: Crowd) -> None:
    await asyncio.to_thread(run.scene.redis.restart_empty)


async def redis_stands_still(run: Soak, crowd: Crowd) -> None:
    run.scene.redis.freeze()
    try:
        await asyncio.sleep(run.scene.pick(5.0, 2.0))
    finally:
        run.scene.redis.thaw()


async def subscriptions_are_ended(run: Soak, crowd: Crowd) -> None:
    async with redis.asyncio.Redis.from_url(run.scene.redis.url) as client:
        await client.client_kill_filter(_type="pubsub")


async def redis_falls_silent_for_one_node(run: Soak, crowd: Crowd) -> None:
    run.line.swallow()
    try:
        await asyncio.sleep(run.scene.pick(8.0, 2.0))
    finally:
        run.line.heal()


async def devices_lose_their_lines(run: Soak, crowd: Crowd) -> None:
    for device in run.chance.sample(crowd.devices, len(crowd.devices) // 3):
        device.abort()


async def somebody_locks_the_database(run: Soak, crowd: Crowd) -> None:
    file = run.scene.site.database_url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(file, timeout=10)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        await asyncio.sleep(run.scene.pick(3.0, 1.0))
        foreign.rollback()


Happening = Callable[[Soak, Crowd], Awaitable[None]]
HAPPENINGS: tuple[Happening, ...] = (
    a_node_is_killed,
    a_node_is_restarted,
    a_node_stands_still,
    redis_is_killed_and_comes_back_empty,
    redis_stands_still,
    subscriptions_are_ended,
    redis_falls_silent_for_one_node,
    devices_lose_their_lines,
    somebody_locks_the_database,
)
