"""Devices reconnect again and again at the very time at which others post."""

import asyncio

from chat.drills.criterion import at_least
from chat.drills.crowd import Traffic
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.proof.device import Device

RECONNECTS = at_least("reconnects", 500, short=100)

PER_SECOND = 80.0


async def run(scene: Scene) -> None:
    async with scene.nodes() as nodes, scene.crowd(nodes) as crowd:
        joining = crowd.devices[1::2]
        times = -(-scene.pick(500, 100) // len(joining))
        before = sum(device.welcomes for device in joining)
        async with Traffic(crowd, per_second=PER_SECOND):
            await asyncio.gather(*(_come_and_go(device, times) for device in joining))
        scene.measure(RECONNECTS, sum(device.welcomes for device in joining) - before)


async def _come_and_go(device: Device, times: int) -> None:
    for _ in range(times):
        device.abort()
        await device.wait_for(lambda device: not device.is_ready, 10)
        await device.wait_for(lambda device: device.is_ready, 30)


DRILL = Drill(
    name="join_race",
    happens="500 reconnects exactly while other devices post",
    criteria=(RECONNECTS,),
    run=run,
    control=Control("no_second_look", "who joins is not given what was said meanwhile", ("A", "D")),
)
