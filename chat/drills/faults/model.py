"""Anything in any order: what people do and what breaks, drawn by chance, against a model in memory."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from chat.drills.criterion import at_least, exactly
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.proof.device import Device, Lost, Refused
from chat.proof.evidence import Member
from chat.proof.site import Person
from chat.proof.stage import Stage

STEPS = at_least("things done", 1500, short=60)
FAULTS = at_least("of them nodes killed and Redis restarted", 20, short=2)
DIFFERENT = exactly("messages that the model has otherwise than a device or the log", 0)

PEOPLE = 4
LEVEL_SECONDS = 40.0
SEED = 20261121


@dataclass
class World:
    """`texts` is the model: what each message says now (None: deleted), by seq; `gone` maps who left to where."""

    scene: Scene
    stage: Stage
    group: int
    people: list[Person]
    devices: dict[int, list[Device]]
    chance: random.Random
    texts: dict[int, str | None] = field(default_factory=dict)
    senders: dict[int, int] = field(default_factory=dict)
    gone: dict[int, int] = field(default_factory=dict)
    faults: int = 0

    @property
    def members(self) -> list[Person]:
        return [person for person in self.people if person.id not in self.gone]

    def anyone(self) -> tuple[Person, Device]:
        person = self.chance.choice(self.members)
        return person, self.chance.choice(self.devices[person.id])


async def post(world: World) -> None:
    person, device = world.anyone()
    text = f"text {world.chance.randrange(10**6)}"
    seq = (await device.post(world.group, text, timeout_seconds=60))["seq"]
    world.texts[seq], world.senders[seq] = text, person.id


async def edit(world: World) -> None:
    if own := _own_message(world):
        device, seq = own
        text = f"edited {world.chance.randrange(10**6)}"
        await _surely(world, lambda: device.edit(world.group, seq, text), device)
        world.texts[seq] = text


async def delete(world: World) -> None:
    if world.chance.random() < 0.5 and (own := _own_message(world)):
        device, seq = own
        await _surely(world, lambda: device.delete(world.group, seq), device)
        world.texts[seq] = None


async def disconnect(world: World) -> None:
    _, device = world.anyone()
    device.abort()


async def leave(world: World) -> None:
    """At most one of them, and never the owner."""
    if not world.gone and world.chance.random() < 0.3:
        person = world.people[-1]
        device = world.devices[person.id][0]
        answer = await _surely(world, lambda: device.leave(world.group), device)
        world.gone[person.id] = int(answer["seq"])


async def kill_a_node(world: World) -> None:
    nodes = world.stage.cluster
    name = world.chance.choice(nodes.names)
    async with world.scene.fault(f"kill -9 {name}", world.stage.history):
        await nodes.kill(name)
        await nodes.restart(name)
    world.faults += 1


async def restart_redis(world: World) -> None:
    async with world.scene.fault("Redis restarts empty", world.stage.history):
        await asyncio.to_thread(world.scene.redis.restart_empty)
    world.faults += 1


Step = Callable[[World], Awaitable[None]]
WEIGHTS: dict[Step, int] = {post: 10, edit: 4, delete: 3, disconnect: 5, leave: 1}


async def run(scene: Scene) -> None:
    for number in range(scene.pick(10, 1)):
        await _play(scene, SEED + number)


async def _play(scene: Scene, seed: int) -> None:
    async with scene.nodes() as nodes, scene.stage(nodes) as stage:
        people = stage.people(*(f"user_{number}_" for number in range(PEOPLE)))
        group = stage.group(*people)
        devices = {person.id: [await _follow(stage, person, node) for node in (0, 1)] for person in people}
        world = World(scene, stage, group, people, devices, random.Random(seed))
        steps = scene.pick(150, 60)
        for number in range(steps):
            await world.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0](world)
            if number in (steps // 3, 2 * steps // 3):
                await (kill_a_node if number == steps // 3 else restart_redis)(world)
        await _judge(world)
        scene.outcome.measured[STEPS] = scene.outcome.measured.get(STEPS, 0) + steps
        scene.outcome.measured[FAULTS] = scene.outcome.measured.get(FAULTS, 0) + world.faults


async def _follow(stage: Stage, person: Person, first: int) -> Device:
    urls = stage.cluster.urls
    device = stage.device(person)
    await device.follow([*urls[first:], *urls[:first]], timeout_seconds=LEVEL_SECONDS)
    return device


def _own_message(world: World) -> tuple[Device, int] | None:
    """A device, and a message of its user that is still there."""
    person, device = world.anyone()
    own = [seq for seq, text in world.texts.items() if text is not None and world.senders[seq] == person.id]
    return (device, world.chance.choice(own)) if own else None


async def _surely(world: World, write: Callable[[], Awaitable[dict]], device: Device) -> dict:
    """Again until it is answered: these commands mean the same when they are said twice."""
    for _ in range(20):
        try:
            await device.wait_for(lambda device: device.is_ready, LEVEL_SECONDS)
            return await write()
        except Lost:
            continue
        except Refused as refused:
            if not refused.retryable:
                raise
            await asyncio.sleep((refused.retry_after_ms or 500) / 1000)
    raise Lost("a write was never answered")


async def _judge(world: World) -> None:
    scene, stage, group = world.scene, world.stage, world.group
    present = [device for person in world.members for device in world.devices[person.id]]
    for device in present:
        await device.wait_for(lambda device: device.is_ready, LEVEL_SECONDS)
    stage.conversations[group] = world.members
    with suppress(TimeoutError):  # what is missing then is counted below
        await stage.level(seconds=LEVEL_SECONDS)
    log = {each["seq"]: each.get("text") for each in stage.site.office.do("log_of", [group])}
    for device in present:
        shown = dict(device.transcript(group))
        wrong = [seq for seq, text in world.texts.items() if (shown.get(seq) or None) != text]
        scene.measure(DIFFERENT, len(wrong))
    scene.measure(DIFFERENT, sum((log.get(seq) or None) != text for seq, text in world.texts.items()))
    stays = [Member(person.id, left=world.gone.get(person.id)) for person in world.people]
    await scene.judge(stage, {group: stays})


DRILL = Drill(
    name="model",
    happens="posts, edits, deletions, leaving, cuts, kills and restarts of Redis, drawn by chance, against a model",
    criteria=(STEPS, FAULTS, DIFFERENT),
    run=run,
    control=Control("stock_layer", "fan-out is what channels_redis has, with nothing behind it", ("A", "E", DIFFERENT)),
)
