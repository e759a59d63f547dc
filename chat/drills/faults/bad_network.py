"""The networks between devices, nodes and Redis are slow, freeze, are cut and fall silent; a device hops about."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack

from chat.drills.criterion import at_least, at_most
from chat.drills.crowd import Crowd
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.proof.device import Device
from chat.proof.proxy import Proxy

HOPS = at_least("times that a device has hopped from node 1 over 2 to 3 while others posted", 20, short=3)
HOP = at_most("slowest such journey of three connections", 1.0, "s")

HEARTBEAT_SECONDS = 2.0
DELAY_SECONDS, JITTER_SECONDS = 0.2, 0.1


async def run(scene: Scene) -> None:
    async with AsyncExitStack() as exits:
        redis_proxy = await exits.enter_async_context(Proxy("127.0.0.1", scene.redis.port))
        behind = {"server_2": {"REDIS_URL": f"redis://127.0.0.1:{redis_proxy.port}/0"}}
        nodes = await exits.enter_async_context(scene.nodes(each=behind))
        fronts = [await exits.enter_async_context(Proxy("127.0.0.1", node.port)) for node in nodes.nodes.values()]
        ports = [front.port for front in fronts]
        crowd = await exits.enter_async_context(
            scene.crowd(nodes, heartbeat_seconds=HEARTBEAT_SECONDS, front_ports=ports)
        )
        hopper = crowd.device(crowd.everybody[0], heartbeat_seconds=HEARTBEAT_SECONDS)
        await hopper.connect(nodes.urls[0])
        crowd.keep_quiet([hopper])
        async with scene.traffic(crowd):
            await scene.breathe(10.0, 1.0)
            await _hop(scene, crowd, hopper)
            await _weather(scene, crowd, [*fronts, redis_proxy])
            await _hop(scene, crowd, hopper)
            await scene.breathe(5.0, 1.0)
        scene.measure(HOPS, hopper.welcomes // len(nodes.urls))


async def _hop(scene: Scene, crowd: Crowd, device: Device) -> None:
    for _ in range(scene.pick(10, 2)):
        begun = crowd.history.clock()
        for url in crowd.cluster.urls:
            await device.connect(url)
        scene.measure(HOP, crowd.history.clock() - begun)


async def _weather(scene: Scene, crowd: Crowd, proxies: Sequence[Proxy]) -> None:
    """One kind of trouble after the other, on every line."""
    async with scene.fault("200 ms ± 100", crowd.history):
        for proxy in proxies:
            proxy.delay(DELAY_SECONDS, jitter=JITTER_SECONDS)
        await scene.breathe(10.0, 3.0)
        _heal(proxies)
    for _ in range(scene.pick(3, 1)):
        async with scene.fault("frozen", crowd.history):
            for proxy in proxies:
                proxy.freeze()
            await asyncio.sleep(2.0)
            _heal(proxies)
        await scene.breathe(2.0, 1.0)
    for _ in range(scene.pick(5, 2)):
        async with scene.fault("cut", crowd.history):
            for proxy in proxies:
                proxy.cut()
        await scene.breathe(2.0, 1.0)
    async with scene.fault("half-open", crowd.history):
        proxies[0].swallow()
        await scene.breathe(12.0, 7.0)
        _heal(proxies)
    await scene.breathe(3.0, 1.0)


def _heal(proxies: Sequence[Proxy]) -> None:
    for proxy in proxies:
        proxy.heal()


DRILL = Drill(
    name="bad_network",
    happens="lines take 200 ms ± 100, freeze for 2 s, are cut, fall silent half-open; a device hops over three nodes",
    criteria=(HOP, HOPS),
    run=run,
    control=Control("no_second_look", "who joins is not given what was said meanwhile", ("A", "D")),
)
