"""Frames of every wrong kind: types, depth, size, encoding, binary, unknown fields."""

import asyncio
from concurrent.futures import Future

from chat.drills.criterion import at_least, exactly
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.proof.device import Device, Lost
from chat.proof.stage import Stage
from chat.wire.limits import CloseCode

EXAMPLES = at_least("frames tried", 5000, short=250)
UNDOCUMENTED = exactly("frames that got neither a documented error nor a documented close code", 0)

DOCUMENTED = {CloseCode.BROKEN_PROTOCOL, CloseCode.FLOODING}
BY_THE_WEBSOCKET = {1007, 1009, 1006}
"""Encoding and size are checked below us (RFC 6455, 7.4.1); 1006 where the socket was cut before it could be said."""

ANSWER_SECONDS = 10.0
ENOUGH = 5
"""Wrong answers after which nothing more is tried."""


async def run(scene: Scene) -> None:
    async with scene.nodes(1) as nodes, scene.stage(nodes) as stage:
        (mallory,) = stage.people("mallory")
        device = await stage.arrive(mallory)
        await _make_up(scene, stage, device)
        await _say_terrible_things(scene, stage, device)
        await _reconnected(stage, device)
        scene.measure(UNDOCUMENTED, float((await device.ping(timeout_seconds=ANSWER_SECONDS))["type"] != "pong"))


async def _make_up(scene: Scene, stage: Stage, device: Device) -> None:
    """Hypothesis runs in a thread and has each frame said on the loop."""
    from hypothesis import HealthCheck, given, settings

    from chat.drills.made_up import FRAMES

    loop, tried, wrong = asyncio.get_running_loop(), 0, 0

    @settings(
        max_examples=scene.pick(5000, 250),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
    )
    @given(frame=FRAMES)
    def say(frame: str) -> None:
        nonlocal tried, wrong
        if wrong >= ENOUGH:
            return
        said: Future[bool] = asyncio.run_coroutine_threadsafe(_is_documented(stage, device, frame), loop)
        tried, wrong = tried + 1, wrong + (not said.result())

    await asyncio.to_thread(say)
    scene.measure(EXAMPLES, tried)
    scene.measure(UNDOCUMENTED, wrong)


async def _is_documented(stage: Stage, device: Device, frame: str | bytes, *, is_text: bool = True) -> bool:
    """Say it; then the device is still spoken to, or was closed in a way that the protocol knows."""
    await _reconnected(stage, device)
    try:
        await device.send_raw(frame, is_text=is_text)
        await device.ping(timeout_seconds=ANSWER_SECONDS)
    except Lost:
        return device.close_code in DOCUMENTED | BY_THE_WEBSOCKET
    except TimeoutError:
        return False
    return True


async def _say_terrible_things(scene: Scene, stage: Stage, device: Device) -> None:
    from chat.drills.made_up import TERRIBLE

    for frame in TERRIBLE:
        is_good = await _is_documented(stage, device, frame) and device.close_code == CloseCode.BROKEN_PROTOCOL
        scene.measure(UNDOCUMENTED, float(not is_good))
    for size in (0, 10, 1000):
        is_good = await _is_documented(stage, device, b"\x00" * size, is_text=False)
        scene.measure(UNDOCUMENTED, float(not is_good or device.close_code != CloseCode.BROKEN_PROTOCOL))
    for frame in (b"x" * 300_000, b"\xff\xfe\xfd"):
        scene.measure(UNDOCUMENTED, float(not await _is_documented(stage, device, frame)))


async def _reconnected(stage: Stage, device: Device) -> None:
    if not device.is_connected:
        await device.connect(stage.url(1))


DRILL = Drill(
    name="malformed",
    happens="malformed input: wrong types, depth, size, encoding, binary, unknown fields; 5,000 examples and more",
    criteria=(EXAMPLES, UNDOCUMENTED),
    run=run,
    control=Control("no_parser", "whatever comes is taken to be well formed", (UNDOCUMENTED,)),
    is_judged=False,
)
