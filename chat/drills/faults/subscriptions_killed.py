"""Every two seconds Redis ends all subscriptions (`CLIENT KILL TYPE pubsub`), while much is being said."""

import asyncio

import redis.asyncio

from chat.drills.criterion import at_least, at_most
from chat.drills.crowd import Traffic
from chat.drills.drill import Control, Drill
from chat.drills.measuring import answer_seconds, delivery_seconds
from chat.drills.scene import Scene
from chat.proof.percentile import percentile

ANSWERED = at_most("99 of 100 posts acknowledged meanwhile", 1.0, "s")
DELIVERED = at_most("slowest delivery to any device meanwhile", 3.0, "s")
KILLED = at_least("subscriptions killed, of three nodes each time", 30, short=15)

BURST_PER_SECOND, BURST_SECONDS = 1000.0, 0.05
"""A client subscribes again within milliseconds: something has to be said in these."""


async def run(scene: Scene) -> None:
    async with scene.nodes() as nodes, scene.crowd(nodes) as crowd:
        history, killed = crowd.history, 0
        async with scene.traffic(crowd), redis.asyncio.Redis.from_url(scene.redis.url) as client:
            await scene.breathe(10.0, 1.0)
            begun = history.clock()
            for _ in range(scene.pick(10, 5)):
                async with scene.fault("CLIENT KILL", history), Traffic(crowd, per_second=BURST_PER_SECOND):
                    await asyncio.sleep(BURST_SECONDS / 2)
                    killed += await client.client_kill_filter(_type="pubsub")
                    await asyncio.sleep(BURST_SECONDS / 2)
                await scene.breathe(2.0, 2.0)
            ended = history.clock()
        scene.measure(KILLED, killed)
        scene.measure(ANSWERED, percentile(answer_seconds(history, begun, ended), 0.99))
        scene.measure(DELIVERED, max(delivery_seconds(history, begun, ended)))


DRILL = Drill(
    name="subscriptions_killed",
    happens="Redis ends all subscriptions every 2 s (CLIENT KILL TYPE pubsub)",
    criteria=(ANSWERED, DELIVERED, KILLED),
    run=run,
    control=Control("stock_layer", "fan-out is what channels_redis has, with nothing behind it", ("A", DELIVERED)),
)
