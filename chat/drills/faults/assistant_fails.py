"""The node that speaks is killed, the model is in trouble, two devices ask at once: one answer, or a clear word."""

import asyncio

from chat.drills.criterion import at_most, exactly
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.drills.talk import SECONDS, Talk
from chat.drills.waiting import NEVER, seconds_until
from chat.proof.answering import answers, ended, spoken
from chat.proof.scripted_model import scripted_model
from chat.proof.stage import eventually
from chat.proof.view import View

TAKEN_OVER = at_most("from the death of the speaking node until another goes on", 5.0, "s")
ATTEMPTS = at_most("attempts at one answer", 3)
UNENDED = exactly("turns without an end", 0)
WRONG = exactly("turns that ended otherwise than they should", 0)
REPLACED = exactly("devices that show another text than the answer", 0)

DEATHS = ("turn_begun", "turn_thought")
"""Before the first word, and after the last one."""

SCRIPTS: tuple[tuple[str, ...], ...] = (
    ("busy", "good"),
    ("broken", "good"),
    ("garbage", "good"),
    ("empty", "good"),
    ("cut", "good"),
    ("broken", "garbage", "good"),
    ("cut", "cut", "cut"),
)
"""What a model does, request by request; the last one never answers, so that its turn has to fail."""


async def run(scene: Scene) -> None:
    if not await _speaker_killed(scene):
        return
    for point in DEATHS:
        await _killed_at(scene, point)
    for script in scene.pick(SCRIPTS, SCRIPTS[4:]):
        await _in_trouble(scene, script)
    await _asked_twice(scene)


async def _speaker_killed(scene: Scene) -> bool:
    """False when nobody goes on."""
    async with scene.nodes() as nodes, scene.stage(nodes) as stage:
        talk = await Talk.begin(stage, *stage.people("ann"))
        question = await talk.ask()
        speaker = await talk.speaking()
        witnesses = talk.others(speaker)
        await nodes.kill(speaker)
        waits = [seconds_until(device, lambda each: _attempt(each) > 1, SECONDS) for device in witnesses]
        taken_over = max(await asyncio.gather(*waits))
        scene.measure(TAKEN_OVER, taken_over)
        if taken_over == NEVER:
            return False
        await talk.answered(*witnesses)
        await talk.everyone_back(speaker)
        await _judge(scene, talk, [question])
        return True


async def _killed_at(scene: Scene, point: str) -> None:
    """Two of three nodes die when they come to this point; the third attempt is the last that there is."""
    mortal = {name: {"DISTCHAT_FAILPOINT": point} for name in ("server_1", "server_2")}
    async with scene.nodes(each=mortal) as nodes, scene.stage(nodes) as stage:
        talk = await Talk.begin(stage, *stage.people("ann"))
        survivor = talk.devices["server_3"]
        question = int((await survivor.post(talk.direct, "who is here?"))["seq"])
        await talk.answered(survivor)
        for name in mortal:
            if not nodes.nodes[name].is_running:
                device = talk.devices[name]
                await eventually(lambda device=device: not device.is_connected, seconds=SECONDS)
                await device.connect(nodes.ws_url("server_3"))
        await _judge(scene, talk, [question])


async def _in_trouble(scene: Scene, script: tuple[str, ...]) -> None:
    async with (
        scripted_model(*script) as model,
        scene.nodes(1, **model.environment) as nodes,
        scene.stage(nodes) as stage,
    ):
        talk = await Talk.begin(stage, *stage.people("ann"))
        question = await talk.ask("What is the answer?")
        (device,) = talk.devices.values()
        await device.wait_for(ended(talk.direct), SECONDS)
        if script[-1] == "good":
            await talk.answered()
            await _judge(scene, talk, [question])
        else:
            _look_at_turns(scene, talk, "failed")
            scene.measure(WRONG, len(answers(device, talk.direct)))


async def _asked_twice(scene: Scene) -> None:
    """Two devices on two nodes ask at the same moment."""
    async with scene.nodes() as nodes, scene.stage(nodes) as stage:
        talk = await Talk.begin(stage, *stage.people("ann"))
        one, other = list(talk.devices.values())[:2]
        asked = await asyncio.gather(*(each.post(talk.direct, "who is here?") for each in (one, other)))
        await talk.answered(count=2)
        await _judge(scene, talk, [int(each["seq"]) for each in asked])


async def _judge(scene: Scene, talk: Talk, questions: list[int]) -> None:
    await talk.stage.level()
    _look_at_turns(scene, talk, "done")
    for device in talk.devices.values():
        texts = {text for _, text in answers(device, talk.direct)}
        shown = spoken(device, talk.direct).strip()
        scene.measure(REPLACED, float(bool(shown) and not any(text.startswith(shown) for text in texts)))
    await scene.judge(talk.stage, triggers=[talk.trigger(question) for question in questions])


def _look_at_turns(scene: Scene, talk: Talk, expected: str) -> None:
    for turn in talk.turns():
        scene.measure(ATTEMPTS, float(str(turn["attempt"])))
        scene.measure(UNENDED, float(turn["status"] in ("queued", "running")))
        scene.measure(WRONG, float(turn["status"] != expected))


def _attempt(device: View) -> int:
    return max((each.attempt for each in device.heard.values()), default=0)


DRILL = Drill(
    name="assistant_fails",
    happens="the assistant's node is killed before, during and after an answer; its model fails in every way",
    criteria=(TAKEN_OVER, ATTEMPTS, UNENDED, WRONG, REPLACED),
    run=run,
    control=Control("no_heirs", "nobody takes over what a dead node had begun", (TAKEN_OVER,)),
)
