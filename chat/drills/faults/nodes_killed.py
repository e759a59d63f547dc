"""Each node in turn is killed with `kill -9` under load and started again."""

from chat.drills.criterion import at_most
from chat.drills.drill import Control, Drill
from chat.drills.measuring import ready_seconds
from chat.drills.scene import Scene

CAUGHT_UP = at_most("from the kill until every device has caught up on another node", 5.0, "s")


async def run(scene: Scene) -> None:
    async with scene.nodes() as nodes, scene.crowd(nodes) as crowd:
        history = crowd.history
        async with scene.traffic(crowd):
            await scene.breathe(10.0, 1.0)
            for name in nodes.names:
                killed = history.clock()
                async with scene.fault(f"kill -9 {name}", history):
                    await nodes.kill(name)
                    await scene.breathe(6.0, 1.5)
                scene.measure(CAUGHT_UP, max(ready_seconds(history, killed)))
                await nodes.restart(name)
                await scene.breathe(2.0, 0.0)
            await scene.breathe(5.0, 1.0)


DRILL = Drill(
    name="nodes_killed",
    happens="each node in turn is killed with kill -9 under load, and started again",
    criteria=(CAUGHT_UP,),
    run=run,
    control=Control("no_second_look", "who joins is not given what was said meanwhile", ("A", "D")),
)
