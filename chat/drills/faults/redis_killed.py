"""Redis is killed with `kill -9` under load, and comes back without a byte."""

import asyncio

from chat.drills.criterion import at_least, at_most, exactly
from chat.drills.drill import Control, Drill
from chat.drills.measuring import answer_seconds, delivery_seconds
from chat.drills.scene import Scene
from chat.proof.cluster import Cluster
from chat.proof.device import Device
from chat.proof.percentile import percentile

ANSWERED = at_most("99 of 100 posts acknowledged during the outage", 1.0, "s")
DELIVERED = at_most("slowest delivery to any device during the outage", 3.0, "s")
HEALTHY = at_most("from the return of Redis until no node is degraded", 5.0, "s")
REBUILT = at_least("sessions rebuilt from the log, the same as before, of 10", 10)
CHANGED = exactly("sessions that are not the same as before", 0)

LONGEST_SECONDS = 30.0
SESSIONS = 10


async def run(scene: Scene) -> None:
    async with scene.nodes() as nodes, scene.crowd(nodes) as crowd:
        history = crowd.history
        known = {device.name: device.session["id"] for device in crowd.devices}
        async with scene.traffic(crowd):
            await scene.breathe(10.0, 2.0)
            async with scene.fault("no Redis", history):
                scene.redis.kill()
                away = history.clock()
                await scene.breathe(15.0, 5.0)
                back = history.clock()
                await asyncio.to_thread(scene.redis.restart_empty)
            scene.measure(HEALTHY, await seconds_until_healthy(nodes))
            await scene.breathe(8.0, 3.0)
        scene.measure(ANSWERED, percentile(answer_seconds(history, away, back), 0.99))
        scene.measure(DELIVERED, max(delivery_seconds(history, away, back)))
        await crowd.finish()
        await _look_at_sessions(scene, crowd.devices[:SESSIONS], known)


async def _look_at_sessions(scene: Scene, devices: list[Device], known: dict[str, str]) -> None:
    """Each device comes once more, and gets the session that it had."""
    same = 0
    for device in devices:
        device.abort()
        await device.wait_for(lambda device: not device.is_ready, 10)
        await device.wait_for(lambda device: device.is_ready, 30)
        session = device.session
        same += (session["id"], session["restored"]) == (known[device.name], True)
    scene.measure(REBUILT, same)
    scene.measure(CHANGED, len(devices) - same)


async def seconds_until_healthy(nodes: Cluster) -> float:
    """From now until /readyz of every node says that nothing is degraded."""
    clock = asyncio.get_running_loop().time
    begun = clock()
    while clock() - begun < LONGEST_SECONDS:
        reports = [await nodes.nodes[name].report("/readyz") for name in nodes.names]
        if all(report.get("ready") and not report.get("degraded", True) for report in reports):
            return clock() - begun
        await asyncio.sleep(0.1)
    return float("inf")


DRILL = Drill(
    name="redis_killed",
    happens="Redis is killed with kill -9 under load, and comes back empty",
    criteria=(ANSWERED, DELIVERED, HEALTHY, REBUILT, CHANGED),
    run=run,
    control=Control("stock_layer", "fan-out is what channels_redis has, with nothing behind it", ("A", DELIVERED)),
)
