"""The last publish of a conversation never reaches Redis, and nothing else is said there."""

from chat.drills.criterion import at_most
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.drills.waiting import NEVER, seconds_until
from chat.fanout.sweep import SWEEP_SECONDS
from chat.proof.device import Device
from chat.proof.proxy import Direction, Proxy

DELIVERED = at_most("from the acknowledgement until the device on the other node has it", SWEEP_SECONDS + 0.5, "s")

PATIENCE_SECONDS = 12.0


async def run(scene: Scene) -> None:
    async with Proxy("127.0.0.1", scene.redis.port) as proxy:
        behind = {"server_1": {"REDIS_URL": f"redis://127.0.0.1:{proxy.port}/0"}}
        async with scene.nodes(2, each=behind) as nodes, scene.stage(nodes) as stage:
            ann, bob = stage.people("ann", "bob")
            group = stage.group(ann, bob)
            writer, reader = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
            await writer.post(group, "heard")
            for number in range(scene.pick(10, 2)):
                await writer.post(group, f"heard {number}")
                await stage.level()
                async with scene.fault("a publish is swallowed", stage.history):
                    proxy.swallow(Direction.UP)
                    seq = (await writer.post(group, f"not published {number}"))["seq"]
                    waited = await seconds_until(
                        reader, lambda each, seq=seq: each.cursor(group) >= seq, PATIENCE_SECONDS
                    )
                    scene.measure(DELIVERED, waited)
                    proxy.heal()
                if waited == NEVER:
                    return
            await stage.level()
            await scene.judge(stage)


def _holds(device: Device, *, conversation: int, seq: int) -> bool:
    return device.cursor(conversation) >= seq


DRILL = Drill(
    name="publish_lost",
    happens="the last publish of a conversation is dropped",
    criteria=(DELIVERED,),
    run=run,
    control=Control("no_sweep", "nobody compares the heads of the log", (DELIVERED,)),
)
