"""Plays one drill, on nodes as they are or on weakened ones, and says what came out of it."""

import asyncio
import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from chat.drills.drill import Drill
from chat.drills.outcome import Outcome
from chat.drills.scale import Scale
from chat.drills.scene import Scene
from chat.ops.redis_server import RedisServer
from chat.proof.login import LoginFailed
from chat.proof.outbox import Refused
from chat.proof.process import StartFailed
from chat.proof.site import Site
from chat.proof.stage import NotInTime

BREAKS = (
    *(OSError, TimeoutError, ValueError, Refused, LoginFailed, StartFailed, RedisError, NotInTime, ExceptionGroup),
    ModuleNotFoundError,  # `malformed` needs hypothesis, which is installed for development only
)
"""What a faulty system does to a drill; anything else is a fault of the drill and comes with its traceback."""


async def play(drill: Drill, site: Site, redis: RedisServer, scale: Scale, *, weakening: str = "") -> Outcome:
    """Every fault of the system is in the outcome."""
    outcome = Outcome(drill.name, drill.criteria, patience=scale.patience, is_judged=drill.is_judged)
    began = time.monotonic()
    try:
        async with asyncio.timeout(drill.most_seconds):
            with _no_collection():
                await drill.run(Scene(site, redis, scale, outcome, weakening=weakening))
    except BREAKS as failure:
        outcome.troubles.append(f"broke off: {_described(failure)}")
    outcome.seconds = time.monotonic() - began
    return outcome


async def is_noticed(drill: Drill, site: Site, redis: RedisServer, scale: Scale) -> tuple[bool, Outcome]:
    """Play the drill on nodes weakened as its control says: whether it fails as it has to, and how it went."""
    assert drill.control is not None
    outcome = await play(drill, site, redis, scale, weakening=drill.control.weakening)
    return any(outcome.fails(what) for what in drill.control.fails), outcome


@contextmanager
def _no_collection() -> Iterator[None]:
    """To look for garbage among all that devices saw takes this process up to half a second, which is no latency."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def _described(failure: BaseException) -> str:
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return f"{type(failure).__name__} {str(failure).splitlines()[0] if str(failure) else ''}".strip()
