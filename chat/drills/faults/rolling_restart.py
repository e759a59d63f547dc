"""Each node in turn is asked to leave with SIGTERM under load, and once right after fifty handshakes."""

import asyncio

from chat.drills.criterion import at_most, exactly
from chat.drills.drill import Control, Drill
from chat.drills.measuring import closes
from chat.drills.scene import Scene
from chat.proof.stage import eventually

EXITS = at_most("from SIGTERM to the end of the process", 10.0, "s")
FAILED_EXITS = exactly("exit codes other than 0", 0)
BARE = exactly("sockets closed without `bye` and 1012", 0)

HANDSHAKES = 50
HANDSHAKE_SECONDS = 0.3
RESTARTED = (1012, "restart")


async def run(scene: Scene) -> None:
    async with scene.nodes() as nodes, scene.crowd(nodes) as crowd:
        begun = crowd.history.clock()
        async with scene.traffic(crowd):
            await scene.breathe(10.0, 1.0)
            for name in nodes.names:
                async with scene.fault(f"SIGTERM {name}", crowd.history):
                    end = await nodes.terminate(name)
                scene.measure(EXITS, end.seconds)
                scene.measure(FAILED_EXITS, float(end.code != 0))
                await nodes.restart(name)
                await scene.breathe(3.0, 0.0)
            await scene.breathe(5.0, 0.5)
        found = closes(crowd.history, begun)
        scene.measure(BARE, sum((code, reason) != RESTARTED for _, code, reason in found) if found else 1)
    await _after_handshakes(scene)


async def _after_handshakes(scene: Scene) -> None:
    async with scene.nodes(2) as nodes, scene.stage(nodes) as stage:
        people = stage.people(*(f"user_{number}_" for number in range(HANDSHAKES // 5)))
        stage.group(*people)
        devices = [stage.device(person) for person in people * 5]
        arrivals = [asyncio.ensure_future(device.connect(stage.url(1))) for device in devices]
        await asyncio.sleep(HANDSHAKE_SECONDS)
        end = await nodes.terminate("server_1")
        await asyncio.gather(*arrivals, return_exceptions=True)
        await eventually(lambda: not any(device.is_connected for device in devices), what="everybody is gone")
        scene.measure(EXITS, end.seconds)
        scene.measure(FAILED_EXITS, float(end.code != 0))
        said = [(device.close_code, device.bye.get("reason")) for device in devices if device.welcomes]
        scene.measure(BARE, sum(each != RESTARTED for each in said))


DRILL = Drill(
    name="rolling_restart",
    happens="each node in turn gets SIGTERM under load, and one gets it 0.3 s after fifty handshakes",
    criteria=(EXITS, FAILED_EXITS, BARE),
    run=run,
    control=Control("no_goodbye", "SIGTERM just ends the process", (BARE,)),
)
