"""Redis stands still for thirty seconds (SIGSTOP): connections stay open and nothing answers."""

import asyncio

from chat.drills.criterion import at_most
from chat.drills.crowd import Crowd
from chat.drills.drill import Control, Drill
from chat.drills.measuring import answer_seconds, delivery_seconds
from chat.drills.scene import Scene
from chat.proof.device import Device
from chat.proof.login import log_in
from chat.proof.percentile import percentile
from chat.proof.site import PASSWORD

ANSWERED = at_most("99 of 100 posts acknowledged while Redis stands still", 1.0, "s")
DELIVERED = at_most("slowest delivery to any device while Redis stands still", 3.0, "s")
READY = at_most("slowest login with a new socket while Redis stands still", 3.0, "s")


async def run(scene: Scene) -> None:
    async with scene.nodes() as nodes, scene.crowd(nodes) as crowd:
        history = crowd.history
        async with scene.traffic(crowd):
            await scene.breathe(15.0, 1.5)
            async with scene.fault("Redis stands still", history):
                scene.redis.freeze()
                frozen = history.clock()
                try:
                    scene.measure(READY, await slowest_login(crowd, times=scene.pick(2, 1)))
                    await asyncio.sleep(max(0.0, scene.pick(30.0, 12.0) - (history.clock() - frozen)))
                finally:
                    scene.redis.thaw()
                thawed = history.clock()
            await scene.breathe(10.0, 4.0)
        scene.measure(ANSWERED, percentile(answer_seconds(history, frozen, thawed), 0.99))
        scene.measure(DELIVERED, max(delivery_seconds(history, frozen, thawed)))


async def slowest_login(crowd: Crowd, *, times: int) -> float:
    """Somebody new logs in over HTTP and opens a socket, so many times on every node."""
    (newcomer,) = crowd.people("newcomer")
    clock, slowest = asyncio.get_running_loop().time, 0.0
    for name in crowd.cluster.names * times:
        began = clock()
        cookies = await log_in(crowd.cluster.http_url(name), newcomer.username, PASSWORD)
        device = Device("newcomer", cookies=cookies)
        await device.connect(crowd.cluster.ws_url(name))
        slowest = max(slowest, clock() - began)
        await device.close()
        await asyncio.sleep(1.0)
    return slowest


DRILL = Drill(
    name="redis_frozen",
    happens="Redis stands still for 30 s (SIGSTOP)",
    criteria=(ANSWERED, DELIVERED, READY),
    run=run,
    control=Control("stock_layer", "fan-out is what channels_redis has, with nothing behind it", ("A", DELIVERED)),
)
