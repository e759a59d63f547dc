"""What can happen to the checkpoint of a session in Redis."""

from collections.abc import Awaitable, Callable

import orjson
from redis.asyncio import Redis

Damage = Callable[[Redis, str], Awaitable[object]]
"""Takes a client and the key of the checkpoint."""


async def flush_all(redis: Redis, _: str) -> object:
    """Everything in Redis is gone."""
    return await redis.flushall()


async def delete_key(redis: Redis, key: str) -> object:
    """The one key is gone."""
    return await redis.delete(key)


async def overwrite_with_text(redis: Redis, key: str) -> object:
    """The key holds something that is no JSON."""
    return await redis.set(key, '{"checkpoint": {"v": 4, "chan')


async def cut_the_checkpoint(redis: Redis, key: str) -> object:
    """The checkpoint ends in the middle."""
    return await redis.execute_command("JSON.SET", key, "$.checkpoint", orjson.dumps('{"v": 4, "chan').decode())


async def cut_a_part(redis: Redis, key: str) -> object:
    """One channel of it ends in the middle."""
    return await redis.execute_command("JSON.SET", key, "$.checkpoint.channel_values.devices", '"{\\"phone\\": {"')


async def empty_it(redis: Redis, key: str) -> object:
    """The key holds an empty object."""
    return await redis.execute_command("JSON.SET", key, "$", "{}")


async def another_session(redis: Redis, key: str) -> object:
    """It is the checkpoint of another session."""
    return await redis.execute_command("JSON.SET", key, "$.checkpoint.channel_values.session_id", '"another"')


async def ahead_of_the_anchor(redis: Redis, key: str) -> object:
    """It has counted messages that do not exist."""
    return await redis.execute_command("JSON.SET", key, "$.checkpoint.channel_values.counted_to", "999999")


DAMAGES: list[Damage] = [
    flush_all,
    delete_key,
    overwrite_with_text,
    cut_the_checkpoint,
    cut_a_part,
    empty_it,
    another_session,
    ahead_of_the_anchor,
]
