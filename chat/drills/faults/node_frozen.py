"""A node stands still for 45 s while it gives an answer of the assistant, and then goes on as if nothing had been."""

import asyncio

from chat.drills.criterion import at_most, exactly
from chat.drills.crowd import Crowd
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.drills.talk import Talk
from chat.drills.waiting import seconds_until
from chat.proof.answering import answers, told
from chat.proof.device import Device

LEFT_BEHIND = exactly("devices that are not ready on another node when it goes on", 0)
ANSWERED = at_most("from the freeze until the devices elsewhere hold the answer", 30.0, "s")
SAME_NODE = exactly("answers that the frozen node finished", 0)
LATE = exactly("pieces of the old attempt that reached a device after the answer", 0)
ANSWERS = exactly("answers on each device", 1)

PATIENCE_SECONDS = 40.0
HEARTBEAT_SECONDS = 1.0
"""A browser asks every 15 s; here silence is noticed in three."""


async def run(scene: Scene) -> None:
    async with scene.nodes() as nodes, scene.crowd(nodes, heartbeat_seconds=HEARTBEAT_SECONDS) as crowd:
        (ann,) = crowd.people("ann")
        talk = await Talk.begin(crowd, ann)
        talkers = list(talk.devices.values())
        crowd.keep_quiet(talkers)
        async with scene.traffic(crowd):
            await scene.breathe(20.0, 1.0)
            question = await talk.ask()
            crowd.triggers.append(talk.trigger(question))
            frozen = await talk.speaking()
            await _freeze(scene, crowd, talk, frozen)
            await scene.breathe(5.0, 3.0)
        await _come_back(crowd, talk, frozen)
        for device in talkers:
            scene.measure(ANSWERS, len(answers(device, talk.direct)))
        (turn,) = talk.turns()
        scene.measure(SAME_NODE, float(turn["node"] == frozen))


async def _freeze(scene: Scene, crowd: Crowd, talk: Talk, name: str) -> None:
    witnesses, history = talk.others(name), crowd.history
    async with scene.fault(f"{name} stands still", history):
        crowd.cluster.freeze(name)
        begun = history.clock()
        try:
            waits = [
                seconds_until(each, lambda each: answers(each, talk.direct), PATIENCE_SECONDS) for each in witnesses
            ]
            scene.measure(ANSWERED, max(await asyncio.gather(*waits)))
            await asyncio.sleep(max(0.0, scene.pick(45.0, 10.0) - (history.clock() - begun)))
            scene.measure(LEFT_BEHIND, sum(not device.is_ready for device in crowd.talking))
            before = [len(told(device, talk.direct)) for device in witnesses]
        finally:
            crowd.cluster.thaw(name)
    await asyncio.sleep(3.0)
    late = [_old_pieces(device, talk.direct, count) for device, count in zip(witnesses, before, strict=True)]
    scene.measure(LATE, sum(late))


def _has_answer(device: Device, *, conversation: int) -> bool:
    return bool(answers(device, conversation))


def _old_pieces(device: Device, conversation: int, known: int) -> int:
    return sum(event["attempt"] == 1 for event in told(device, conversation)[known:])


async def _come_back(crowd: Crowd, talk: Talk, name: str) -> None:
    device = talk.devices[name]
    if not device.is_connected:
        await device.connect(crowd.cluster.ws_url(name))
    await crowd.level(*talk.devices.values())


DRILL = Drill(
    name="node_frozen",
    happens="a node that gives an answer of the assistant stands still for 45 s, then goes on",
    criteria=(LEFT_BEHIND, ANSWERED, SAME_NODE, LATE, ANSWERS),
    run=run,
    control=Control("no_turn_fence", "any attempt may speak, whoever has taken its turn over", (LATE, "J")),
)
