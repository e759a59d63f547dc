"""Two thousand steps of one session, and two thousand sessions: what they leave in Redis stays small."""

from chat.drills.criterion import at_least, at_most
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene

STEPS = at_least("steps of one session", 2000, short=200)
SESSIONS = at_least("sessions", 2000, short=200)
KEYS = at_most("Redis keys for each session", 2.0)
BYTES = at_most("bytes of the session in the last tenth of its steps, against the first", 1.05)
COMMANDS = at_most("Redis commands for each step in the last tenth, against the first", 1.05)


async def run(scene: Scene) -> None:
    office, steps, count = scene.site.office, scene.pick(2000, 200), scene.pick(2000, 200)
    (ann,) = scene.site.people("ann")
    conversations = [int(office.do("group", ann.id, [], f"group {number}")) for number in range(2)]
    found = office.do("take_steps", ann.id, conversations, steps, scene.weakening == "hoarding")
    scene.measure(STEPS, found["steps"] * len(found["bytes"]))
    scene.measure(KEYS, found["keys"])
    scene.measure(BYTES, found["bytes"][-1] / found["bytes"][0])
    scene.measure(COMMANDS, found["commands"][-1] / found["commands"][0])
    users = office.do("enlist_only", [f"user_{number}" for number in range(count)])
    found = office.do("begin_sessions", users)
    scene.measure(SESSIONS, found["sessions"] - 1)
    scene.measure(KEYS, found["keys"] / count)


DRILL = Drill(
    name="long_sessions",
    happens="2,000 steps of one session, and 2,000 sessions",
    criteria=(STEPS, SESSIONS, KEYS, BYTES, COMMANDS),
    run=run,
    control=Control("hoarding", "every step leaves a copy behind", (KEYS,)),
    is_judged=False,
)
