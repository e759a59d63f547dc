"""A network between one node and Redis that swallows everything and tells nobody."""

import asyncio

from chat.drills.criterion import at_most, exactly
from chat.drills.drill import Control, Drill
from chat.drills.measuring import delivery_seconds
from chat.drills.scene import Scene
from chat.proof.process import NodeProcess
from chat.proof.proxy import Proxy

LAG = at_most("largest lag of the node's event loop", 1.0, "s")
UNANSWERED = exactly("questions to /healthz without an answer within 2 s", 0)
CPU = at_most("CPU of the node", 50.0, "%")
DELIVERED = at_most("slowest delivery to any device meanwhile", 3.0, "s")
EXIT = exactly("SIGTERMs afterwards that the node did not follow", 0)

ASK_SECONDS = 0.5


async def run(scene: Scene) -> None:
    async with Proxy("127.0.0.1", scene.redis.port) as proxy:
        behind = {"server_2": {"REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"}}
        async with scene.nodes(each=behind) as nodes:
            async with scene.crowd(nodes) as crowd:
                history = crowd.history
                async with scene.traffic(crowd):
                    await scene.breathe(40.0, 1.5)
                    async with scene.fault("silence between server_2 and Redis", history):
                        proxy.swallow()
                        begun = history.clock()
                        await _watch(scene, nodes.nodes["server_2"], scene.pick(75.0, 15.0))
                        ended = history.clock()
                        proxy.heal()
                    await scene.breathe(5.0, 4.0)
                scene.measure(DELIVERED, max(delivery_seconds(history, begun, ended)))
            scene.measure(EXIT, float((await nodes.terminate("server_2")).code != 0))


async def _watch(scene: Scene, node: NodeProcess, seconds: float) -> None:
    """Ask the node how it is, twice a second."""
    clock = asyncio.get_running_loop().time
    begun, cpu, unanswered = clock(), node.cpu_seconds(), 0
    while clock() - begun < seconds:
        report = await node.report("/healthz")
        unanswered += not report
        scene.measure(LAG, report.get("loop_lag_seconds", 0.0))
        await asyncio.sleep(ASK_SECONDS)
    scene.measure(UNANSWERED, unanswered)
    scene.measure(CPU, 100 * (node.cpu_seconds() - cpu) / (clock() - begun))


DRILL = Drill(
    name="redis_silent",
    happens="the network between one node and Redis swallows everything for 75 s",
    criteria=(LAG, UNANSWERED, CPU, DELIVERED, EXIT),
    run=run,
    control=Control("stock_layer", "fan-out is what channels_redis has, with nothing behind it", ("A", DELIVERED)),
)
