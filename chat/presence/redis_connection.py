"""A small pool of connections to Redis in which nothing waits longer than a second."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

TIMEOUT_SECONDS = 1.0
REDIS_FAILURES = (RedisError, OSError, TimeoutError)
"""Everything that says "not now": refused, reset, frozen, loading, out of memory."""


def open_redis(url: str, *, connections: int = 4, as_text: bool = True) -> Redis:
    """A client for `url` whose calls neither retry nor wait; it connects at its first call.

    With `as_text` all that is read must be UTF-8; without, it is bytes.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        decode_responses=as_text,
        protocol=2,
    )
    return Redis.from_pool(pool)


@asynccontextmanager
async def failing_as(error: type[Exception]) -> AsyncIterator[None]:
    """Bound what is inside to TIMEOUT_SECONDS and raise `error` when Redis does not do it."""
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            yield
    except REDIS_FAILURES as failure:
        raise error(f"{type(failure).__name__}: {failure}") from failure
