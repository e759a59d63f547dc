"""People log out, change their password, are deactivated or lose a device; with Redis, and without."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

from chat.drills.criterion import at_least, at_most, exactly
from chat.drills.drill import Control, Drill
from chat.drills.scene import Scene
from chat.drills.waiting import NEVER, seconds_until
from chat.proof.device import Device
from chat.proof.login import log_in, log_out
from chat.proof.site import PASSWORD, Person
from chat.proof.stage import Stage

CLOSED = at_most("from the commit until every socket of that access is closed, with Redis", 2.0, "s")
CLOSED_WITHOUT = at_most("the same without Redis", 35.0, "s")
ACCEPTED = exactly("posts sent after the commit that were accepted", 0)
TRIED = at_least("posts tried after a commit", 1)

PAUSE_SECONDS = 0.02
LONGEST_SECONDS = 40.0
OUTAGE_SECONDS = 8.0
"""By then every node knows that Redis is away."""

End = Callable[[Stage, Person, str, Device], Awaitable[None]]


async def _by_logging_out(stage: Stage, person: Person, cookies: str, _: Device) -> None:
    await log_out(stage.cluster.http_url("server_1"), cookies)


async def _by_a_new_password(stage: Stage, person: Person, cookies: str, _: Device) -> None:
    stage.site.office.do("set_password", person.id)


async def _by_deactivation(stage: Stage, person: Person, cookies: str, _: Device) -> None:
    stage.site.office.do("deactivate", person.id)


async def _by_revoking_a_device(stage: Stage, person: Person, cookies: str, device: Device) -> None:
    stage.site.office.do("revoke", person.id, device.device_id)


WAYS: tuple[tuple[End, bool], ...] = (
    (_by_logging_out, True),
    (_by_a_new_password, True),
    (_by_deactivation, True),
    (_by_revoking_a_device, False),
)
"""How an access ends, and whether that ends all sockets of the login or only the one of the device."""


async def run(scene: Scene) -> None:
    async with scene.nodes() as nodes, scene.stage(nodes) as stage:
        for end, is_whole in WAYS:
            seconds = await _end(scene, stage, end, await _arrive(stage), is_whole=is_whole)
            scene.measure(CLOSED, seconds)
            if seconds == NEVER:
                return
        people = [await _arrive(stage) for _ in WAYS]
        scene.redis.kill()
        await asyncio.sleep(OUTAGE_SECONDS)
        for (end, is_whole), who in zip(WAYS, people, strict=True):
            scene.measure(CLOSED_WITHOUT, await _end(scene, stage, end, who, is_whole=is_whole))


Who = tuple[Person, int, str, list[Device]]


async def _arrive(stage: Stage) -> Who:
    """Somebody logged in with a browser, and a device on each node."""
    person, friend = stage.people("ann", "bob")
    group = stage.group(person, friend)
    cookies = await log_in(stage.cluster.http_url("server_1"), person.username, PASSWORD)
    devices = [await stage.arrive(person, node, cookies=cookies, is_patient=False) for node in (1, 2, 3)]
    return person, group, cookies, devices


async def _end(scene: Scene, stage: Stage, end: End, who: Who, *, is_whole: bool) -> float:
    """End the access while one of its devices posts without pause; seconds until the last of them is closed."""
    person, group, cookies, devices = who
    ending = devices if is_whole else devices[1:2]
    accepted: list[float] = []
    posting = asyncio.create_task(_post_on(stage, ending[0], group, accepted))  # the others are silent
    await asyncio.sleep(0.2)
    await end(stage, person, cookies, devices[1])
    committed = stage.history.clock()
    scene.measure(TRIED, await _try_once_more(ending[0], group, accepted, stage))
    waits = [seconds_until(device, lambda device: not device.is_connected, LONGEST_SECONDS) for device in ending]
    is_closed = max(await asyncio.gather(*waits)) < NEVER
    seconds = stage.history.clock() - committed if is_closed else NEVER
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)
    scene.measure(ACCEPTED, sum(sent > committed for sent in accepted))
    for device in devices:
        await device.close()
    return seconds


async def _post_on(stage: Stage, device: Device, group: int, accepted: list[float]) -> None:
    """Until the socket is gone; keeps when each accepted post was sent."""
    while device.is_connected:
        await _post(device, group, accepted, stage)
        await asyncio.sleep(PAUSE_SECONDS)


async def _try_once_more(device: Device, group: int, accepted: list[float], stage: Stage) -> int:
    await _post(device, group, accepted, stage)
    return 1


async def _post(device: Device, group: int, accepted: list[float], stage: Stage) -> None:
    sent = stage.history.clock()
    command = {"type": "post", "conversation": group, "client_id": str(uuid4()), "text": "still here"}
    asking = asyncio.ensure_future(device.ask(command, timeout_seconds=LONGEST_SECONDS))
    gone = asyncio.ensure_future(device.wait_for(lambda device: not device.is_connected, LONGEST_SECONDS))
    try:
        await asyncio.wait({asking, gone}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (asking, gone):
            task.cancel()
        answer, _ = await asyncio.gather(asking, gone, return_exceptions=True)
    if not isinstance(answer, BaseException):
        accepted.append(sent)


DRILL = Drill(
    name="revocation",
    happens="logout, a new password, deactivation, a revoked device; with Redis and without",
    criteria=(CLOSED, CLOSED_WITHOUT, ACCEPTED, TRIED),
    run=run,
    control=Control("no_revocation", "whoever is in stays in", (CLOSED, ACCEPTED)),
    is_judged=False,
)
