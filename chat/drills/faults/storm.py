"""A node on which five hundred sockets are dies, and all of them come to the others at once."""

import asyncio

from chat.drills.criterion import at_least, at_most
from chat.drills.crowd import Crowd
from chat.drills.drill import Drill
from chat.drills.measuring import ready_seconds
from chat.drills.scene import Scene
from chat.proof.device import Device
from chat.proof.site import Person

READY = at_most("from the death until every device is ready on another node", 15.0, "s")
QUERIES = at_most("SQL queries for each reconnect", 3.0)
SOCKETS = at_least("sockets on the node that dies", 500, short=60)

DEVICES_EACH = 5
AT_ONCE = 40
SETTLE_SECONDS = 3.0


async def run(scene: Scene) -> None:
    sockets = scene.pick(500, 60)
    async with scene.nodes(application="chat.drills.counting:application") as nodes, scene.crowd(nodes) as crowd:
        people = crowd.people(*(f"storm_{number}_" for number in range(sockets // DEVICES_EACH)))
        for start in range(0, len(people), 10):
            crowd.group(*people[start : start + 10])
        stormy = await _arrive(crowd, people * DEVICES_EACH)
        crowd.keep_quiet(stormy)
        await asyncio.sleep(SETTLE_SECONDS)
        scene.measure(SOCKETS, sum(device.node == "server_1" for device in stormy))
        others = [nodes.nodes[name] for name in ("server_2", "server_3")]
        before = sum([(await node.report("/healthz"))["queries"] for node in others])
        died, history = crowd.history.clock(), crowd.history
        async with scene.fault(f"server_1 dies with {sockets} sockets", history):
            await nodes.kill("server_1")
            for device in crowd.devices:
                await device.wait_for(lambda device: device.is_ready, 60)
        came = ready_seconds(history, died)
        asked = sum([(await node.report("/healthz"))["queries"] for node in others]) - before
        scene.measure(READY, max(came))
        scene.measure(QUERIES, asked / len(came))
        async with scene.traffic(crowd):
            await scene.breathe(10.0, 2.0)


async def _arrive(crowd: Crowd, people: list[Person]) -> list[Device]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(person: Person) -> Device:
        async with places:
            return await crowd.follow(person, 0)

    return list(await asyncio.gather(*map(one, people)))


DRILL = Drill(
    name="storm",
    happens="a node with 500 sockets dies, and all of them come to the others at once",
    criteria=(READY, QUERIES, SOCKETS),
    run=run,
)
