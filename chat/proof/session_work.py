"""Steps of sessions by the thousand, as a node takes them, and what they cost in Redis; a job of the office."""

import asyncio
from functools import partial
from typing import Any

from django.conf import settings
from redis.asyncio import Redis

from chat.database import Database
from chat.session.acts import Opened
from chat.session.checkpoints import Checkpoints
from chat.session.redis_store import RedisStore
from chat.session.service import SessionService

DEVICE = "a phone"
SAMPLES = 10


def take_steps(user: int, conversations: list[int], steps: int, hoards: bool) -> dict[str, Any]:  # noqa: FBT001 - JSON
    """One session, a step at a time: keys in the end, and bytes and commands of ten stretches of steps.

    `hoards` leaves a copy behind at every step, as a saver does that deletes nothing.
    """
    return asyncio.run(_with_sessions(partial(_take_steps, user, conversations, steps, hoards)))


def begin_sessions(users: list[int]) -> dict[str, Any]:
    """One session for each of these users: keys and bytes in the end."""
    return asyncio.run(_with_sessions(partial(_begin_sessions, users)))


async def _with_sessions(work: Any) -> dict[str, Any]:
    database = Database()
    checkpoints = Checkpoints(partial(RedisStore, settings.REDIS_URLS[0], prefix=settings.REDIS_PREFIX))
    sessions = SessionService(database, checkpoints, node_name="office")
    try:
        await sessions.start()
        async with Redis.from_url(settings.REDIS_URLS[0]) as redis:
            found: dict[str, Any] = await work(sessions, redis)
            return found
    finally:
        await sessions.stop()
        await database.close()


async def _take_steps(
    user: int,
    conversations: list[int],
    steps: int,
    hoards: bool,  # noqa: FBT001 - as above
    sessions: SessionService,
    redis: Redis,
) -> dict[str, Any]:
    await sessions.restore(user, DEVICE)
    sizes, commands = [], []
    for _ in range(SAMPLES):
        await redis.config_resetstat()
        for number in range(steps // SAMPLES):
            sessions.note(user, Opened(conversations[number % len(conversations)]))
            await sessions.flush()
            if hoards:
                await redis.set(f"copy of {user} at {len(sizes)}.{number}", b"")
        commands.append(await _commands(redis))
        sizes.append((await sessions.sizes())["bytes"])
    return {"keys": len(await redis.keys()), "bytes": sizes, "commands": commands, "steps": steps // SAMPLES}


async def _begin_sessions(users: list[int], sessions: SessionService, redis: Redis) -> dict[str, Any]:
    before = len(await redis.keys())
    for user in users:
        await sessions.restore(user, DEVICE)
        await sessions.flush()
    return {"keys": len(await redis.keys()) - before, "sessions": (await sessions.sizes())["sessions"]}


async def _commands(redis: Redis) -> int:
    """How many commands of data Redis has done since its counts were reset."""
    stats = await redis.info("commandstats")
    ours = ("cmdstat_config|resetstat", "cmdstat_info", "cmdstat_ping", "cmdstat_client|setinfo", "cmdstat_hello")
    return sum(each["calls"] for name, each in stats.items() if name not in ours)
