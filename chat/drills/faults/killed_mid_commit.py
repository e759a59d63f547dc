"""A node dies between commit and acknowledgement, or between acknowledgement and publish."""

import asyncio
from uuid import uuid4

from chat.drills.criterion import at_least, at_most, exactly
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.drills.waiting import NEVER, seconds_until
from chat.proof.stage import eventually

DELIVERED = at_most("from the death of the node until others have what it had committed, published by nobody", 3.0, "s")
RESENT = exactly("resends of an unacknowledged post that got another place", 0)
UNDER_LOAD = at_least("posts under load that were committed, not acknowledged, and resent", 1)

POINTS = ("after_commit", "before_publish")
PATIENCE_SECONDS = 15.0


async def run(scene: Scene) -> None:
    for point in POINTS:
        if not await _die_at(scene, point):
            return
    await _die_under_load(scene)


async def _die_at(scene: Scene, point: str) -> bool:
    """The third post kills its node at this point; the writer sends it again on the other one. False: it is lost."""
    armed = {"server_1": {"DISTCHAT_FAILPOINT": f"{point}:3"}}
    async with scene.nodes(2, each=armed) as nodes, scene.stage(nodes) as stage:
        ann, bob = stage.people("ann", "bob")
        group = stage.group(ann, bob)
        writer, reader = await stage.arrive(ann, 1), await stage.arrive(bob, 2)
        for text in ("one", "two"):
            seq = (await writer.post(group, text))["seq"]
            # Published by itself: two in one batch would pass the fail point once.
            await reader.wait_for(lambda device, seq=seq: device.cursor(group) >= seq, PATIENCE_SECONDS)
        posting = asyncio.ensure_future(writer.post(group, "three", client_id=str(uuid4())))
        await eventually(lambda: not nodes.nodes["server_1"].is_running, what=f"the death of the node {point}")
        delivered = await seconds_until(reader, lambda device: device.cursor(group) == 4, PATIENCE_SECONDS)
        scene.measure(DELIVERED, delivered)
        if delivered == NEVER:
            posting.cancel()
            return False
        await writer.connect(stage.url(2))
        answer = await posting
        expected = (4, point == "after_commit")
        scene.measure(RESENT, float((answer["seq"], answer["duplicate"]) != expected))
        await stage.level()
        await scene.judge(stage)
        return True


async def _die_under_load(scene: Scene) -> None:
    armed = {"server_2": {"DISTCHAT_FAILPOINT": f"after_commit:{scene.pick(200, 30)}"}}
    async with scene.nodes(each=armed) as nodes, scene.crowd(nodes) as crowd:
        async with scene.traffic(crowd) as traffic:
            node = nodes.nodes["server_2"]
            await eventually(lambda: not node.is_running, seconds=60, what="the fail point")
            async with scene.fault("server_2 dies after a commit", crowd.history):
                await scene.breathe(3.0, 1.0)
                await nodes.restart("server_2", environment={})
            await scene.breathe(10.0, 1.0)
        scene.measure(UNDER_LOAD, sum(post.result()["duplicate"] for post in traffic.posts))


DRILL = Drill(
    name="killed_mid_commit",
    happens="a node is killed between commit and acknowledgement, and between acknowledgement and publish",
    criteria=(DELIVERED, RESENT, UNDER_LOAD),
    run=run,
    control=Control("no_sweep", "nobody compares the heads of the log", (DELIVERED,)),
)
