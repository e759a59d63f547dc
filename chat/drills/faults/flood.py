"""One socket sends a hundred thousand frames at once."""

import asyncio
import time
from uuid import uuid4

import orjson

from chat.drills.criterion import at_most, exactly
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.proof.device import Device
from chat.proof.percentile import percentile
from chat.proof.process import NodeProcess
from chat.proof.raw import Flood

CLOSED = at_most("from the first frame until the socket is closed", 2.0, "s")
CODE = exactly("close code", 4429)
GOODBYE = exactly("last words that are not `bye`, flooding", 0)
LIMITED = exactly("answers before that say anything but `rate_limited`, or nothing", 0)
GROWTH = at_most("growth of the node's memory", 20.0, "MB")
OTHERS = at_most("99 of 100 pings of a device beside it, against before (counted from 20 ms)", 1.5, "x")

FRAMES = 100_000
USUAL = {"DISTCHAT_POSTS_PER_10S": "50", "DISTCHAT_COMMANDS_PER_10S": "500"}
"""The limits that a site has when nobody changes them."""

LEAST_SECONDS = 0.02
PAUSE_SECONDS = 0.03
LONGEST_SECONDS = 30.0


async def run(scene: Scene) -> None:
    async with scene.nodes(1, **USUAL) as nodes, scene.stage(nodes) as stage:
        ann, mallory = stage.people("ann", "mallory")
        calm, node = await stage.arrive(ann), nodes.nodes["server_1"]
        before = percentile(await _pings(calm, scene.pick(5.0, 2.0)), 0.99)
        size = node.rss_bytes()
        hello = {"type": "hello", "ref": 1, "device": str(uuid4())}
        flood = Flood(stage.url(1), mallory.cookies, orjson.dumps(hello))
        frame = orjson.dumps({"type": "ping", "ref": 1})
        flooding = asyncio.create_task(asyncio.to_thread(flood.run, frame, FRAMES, LONGEST_SECONDS))
        during = await _pings_until(calm, flooding, scene, node, size)
        scene.measure(OTHERS, max(percentile(during, 0.99), LEAST_SECONDS) / max(before, LEAST_SECONDS))
        scene.measure(CLOSED, flood.seconds)
        scene.measure(CODE, flood.close_code)
        last = flood.heard[-1] if flood.heard else {}
        scene.measure(GOODBYE, float((last.get("type"), last.get("reason")) != ("bye", "flooding")))
        codes = {answer.get("code") for answer in flood.heard if answer["type"] == "error"}
        scene.measure(LIMITED, float(codes != {"rate_limited"}))


async def _pings(device: Device, seconds: float) -> list[float]:
    """How long each ping took that was sent in this time."""
    times, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        times.append(await _ping(device))
    return times


async def _ping(device: Device) -> float:
    began = time.monotonic()
    await device.ping(timeout_seconds=LONGEST_SECONDS)
    seconds = time.monotonic() - began
    await asyncio.sleep(PAUSE_SECONDS)
    return seconds


async def _pings_until(
    device: Device, flooding: "asyncio.Task[None]", scene: Scene, node: NodeProcess, size: int
) -> list[float]:
    times = [await _ping(device)]
    while not flooding.done():
        scene.measure(GROWTH, (node.rss_bytes() - size) / 2**20)
        times.append(await _ping(device))
    await flooding
    scene.measure(GROWTH, (node.rss_bytes() - size) / 2**20)
    return times


DRILL = Drill(
    name="flood",
    happens="one socket sends 100,000 frames at once",
    criteria=(CLOSED, CODE, GOODBYE, LIMITED, GROWTH, OTHERS),
    run=run,
    control=Control("no_limits", "everybody may say as much as they like", (CLOSED, CODE)),
    is_judged=False,
)
