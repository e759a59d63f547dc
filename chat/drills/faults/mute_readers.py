"""Twenty devices stop reading while 200 MB are addressed to them."""

import asyncio

from chat.drills.criterion import at_most
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.proof.device import Device
from chat.proof.history import History
from chat.proof.percentile import percentile
from chat.proof.process import NodeProcess

OUT = at_most("from the first message that they do not read until the node has let all of them go", 30.0, "s")
GROWTH = at_most("growth of the node's memory", 40.0, "MB")
OTHERS = at_most("99 of 100 deliveries to a device beside them, against before (counted from 20 ms)", 1.5, "x")

READERS = 20
WRITERS = 10
TEXT = "文" * 8000
"""24 KB on the wire: the longest message there is."""

PER_SECOND = 40.0
LEAST_SECONDS = 0.02
BACK_SECONDS = 90.0


async def run(scene: Scene) -> None:
    async with scene.nodes(2) as nodes, scene.stage(nodes) as stage:
        ann, bob, carol = stage.people("ann", "bob", "carol")
        group = stage.group(ann, bob, carol)
        writers = [await stage.arrive(ann, 1) for _ in range(WRITERS)]
        calm = await stage.arrive(carol, 2)
        readers = [await stage.arrive(bob, 2) for _ in range(READERS)]
        node, history = nodes.nodes["server_2"], stage.history
        await _post(writers, group, scene.pick(60, 30))
        await stage.level()
        before = percentile(_latencies(history, calm, 0.0), 0.99)
        for reader in readers:
            reader.stop_reading()
            reader.pause()
        async with scene.fault("20 devices do not read", history):
            begun = history.clock()
            watching = asyncio.create_task(_watch(scene, node))
            await _post(writers, group, scene.pick(420, 200))
            await watching
        await calm.wait_for(lambda device: device.cursor(group) == stage.heads()[group], BACK_SECONDS)
        during = percentile(_latencies(history, calm, begun), 0.99)
        scene.measure(OTHERS, max(during, LEAST_SECONDS) / max(before, LEAST_SECONDS))
        for reader in readers:
            reader.abort()
            await reader.wait_for(lambda device: not device.is_connected, 10)
        await asyncio.gather(*(reader.connect(stage.url(1), timeout_seconds=BACK_SECONDS) for reader in readers))
        await stage.level(seconds=BACK_SECONDS)
        await scene.judge(stage)


async def _post(writers: list[Device], group: int, count: int) -> None:
    posts = []
    for number in range(count):
        posts.append(asyncio.create_task(writers[number % len(writers)].post(group, TEXT, timeout_seconds=60)))
        await asyncio.sleep(1 / PER_SECOND)
    await asyncio.gather(*posts)


async def _watch(scene: Scene, node: NodeProcess) -> None:
    """Until nobody but the calm device is connected, or the time is over: how large the node becomes."""
    clock = asyncio.get_running_loop().time
    begun, before, connections = clock(), node.rss_bytes(), READERS + 1
    while connections > 1 and clock() - begun < 2 * OUT.limit:
        await asyncio.sleep(0.25)
        connections = (await node.report("/readyz")).get("connections", connections)
        scene.measure(GROWTH, (node.rss_bytes() - before) / 2**20)
    scene.measure(OUT, clock() - begun if connections <= 1 else float("inf"))


def _latencies(history: History, calm: Device, since: float) -> list[float]:
    sent = {line.act: line.at for line in history.lines if line.what == "post" and line.at >= since}
    return [
        line.at - sent[line.act]
        for line in history.lines
        if line.what == "received" and line.device == calm.name and line.act in sent
    ]


DRILL = Drill(
    name="mute_readers",
    happens="20 devices never read, and 200 MB are addressed to them",
    criteria=(OUT, GROWTH, OTHERS),
    run=run,
    control=Control("no_bound", "what a device does not read is kept for it", (OUT, GROWTH)),
)
