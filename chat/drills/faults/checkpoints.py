"""Checkpoints of sessions are lost, cut, exchanged; nodes start at once; Redis lacks its modules."""

import asyncio
from dataclasses import replace

from redis.asyncio import Redis

from chat.drills.criterion import at_least, exactly
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.ops.redis_program import find_redis
from chat.ops.redis_server import VAR, RedisServer
from chat.proof.damage import DAMAGES
from chat.proof.device import Device
from chat.proof.site import Person
from chat.proof.stage import Stage

RESTORES = at_least("sessions restored after their checkpoint was damaged", 8)
DIFFERENT = exactly("of them that are not what the log says", 0)
UNSEEN = exactly("of them that came from the damaged checkpoint", 0)
READY = exactly("nodes of four starting at once on an empty Redis that are not ready and whole", 0)
BARE = exactly("sessions restored with a Redis without modules that are not what the log says", 0)

KEY = "distchat_session:session:{user}:"
SAVED_SECONDS = 15.0
POSTS = 3


async def run(scene: Scene) -> None:
    async with scene.nodes(2) as nodes, scene.stage(nodes) as stage, Redis.from_url(scene.redis.url) as redis:
        for number, damage in enumerate(DAMAGES, start=1):
            device, group, facts = await _saved_session(stage)
            await damage(redis, KEY.format(user=device.user["id"]))
            await _compare(scene, stage, device, facts, number)
        device, group, facts = await _saved_session(stage)
        stage.site.office.do("begin_new_epoch", group)
        await _compare(scene, stage, device, facts, len(DAMAGES) + 1)
        await redis.flushall()
    await _four_at_once(scene)
    await _without_modules(scene)


Facts = tuple[str, int]
"""The id of a session and the number of its messages."""


def _facts_of(device: Device) -> Facts:
    return device.session["id"], device.session["message_count"]


async def _saved_session(stage: Stage) -> tuple[Device, int, Facts]:
    """Somebody has posted, left, and come back to a checkpoint; and has left again."""
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    device = await stage.arrive(ann, 1)
    for number in range(POSTS):
        await device.post(group, f"text {number}")
    begun = stage.history.clock()
    while stage.history.clock() - begun < SAVED_SECONDS:
        await device.close()
        await asyncio.sleep(0.5)
        await device.connect(stage.url(1))
        if device.session["source"] == "checkpoint":
            break
    facts = _facts_of(device)
    await device.close()
    await asyncio.sleep(1.0)  # what its leaving changed has been folded
    return device, group, facts


async def _compare(scene: Scene, stage: Stage, device: Device, facts: Facts, number: int) -> None:
    await device.connect(stage.url(2))
    scene.measure(DIFFERENT, float(_facts_of(device) != facts or facts[1] != POSTS))
    scene.measure(UNSEEN, float(device.session["source"] != "log"))
    await device.close()
    scene.outcome.measured[RESTORES] = number


async def _four_at_once(scene: Scene) -> None:
    async with scene.nodes(4) as nodes:
        reports = [await node.report("/readyz") for node in nodes.nodes.values()]
        scene.measure(READY, sum(not each.get("ready") or bool(each["degraded"]) for each in reports))


async def _without_modules(scene: Scene) -> None:
    """As good as no Redis for sessions, and as good as any for fan-out."""
    program = replace(find_redis(VAR), modules=())
    with RedisServer(scene.site.folder / "bare_redis", program=program) as bare:
        async with scene.nodes(2, REDIS_URL=bare.url) as nodes, scene.stage(nodes) as stage:
            ann, bob = stage.people("ann", "bob")
            group = stage.group(ann, bob)
            device = await stage.arrive(ann, 1)
            await device.post(group, "text")
            session = device.session["id"]
            await device.close()
            scene.measure(BARE, float(await _restored(stage, ann) != (session, 1)))


async def _restored(stage: Stage, person: Person) -> Facts:
    return _facts_of(await stage.arrive(person, 2))


DRILL = Drill(
    name="checkpoints",
    happens="checkpoints are flushed, deleted, cut, exchanged, of another epoch; four nodes start at once; no modules",
    criteria=(RESTORES, DIFFERENT, UNSEEN, READY, BARE),
    run=run,
    control=Control("no_doubt", "every checkpoint is believed", (DIFFERENT, UNSEEN)),
    is_judged=False,
)
