"""Checkpoints in Redis with its JSON and Search modules, through LangGraph's shallow saver."""

import asyncio
from collections.abc import Sequence
from typing import Any

from langgraph.checkpoint.redis.ashallow import AsyncShallowRedisSaver
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redisvl.exceptions import RedisSearchError

from chat.session.graph import thread_of
from chat.session.sealing import Seal, SealedSaver

TTL_MINUTES = 30 * 24 * 60
CONNECTIONS = 16
"""More than `Checkpoints` and `Folder` use at once, so that nothing waits for one."""
SOCKET_SECONDS = 0.5
RETRIES = 2
CLAIM_MS = 3000
"""Longer than a fold may take, so that a claim ends by itself only when its node has died."""
SETUP_ATTEMPTS = 5
CACHED_KEYS = 1000
MOST_SCANNED = 10_000


class BoundedKeys(dict[str, str]):
    """In place of the saver's own cache, which says that it is bounded and is not."""

    def __setitem__(self, key: str, value: str) -> None:
        super().__setitem__(key, value)
        if len(self) > CACHED_KEYS:
            del self[next(iter(self))]


class RedisStore:
    """One key for each user, refreshed to 30 days by every write, and for milliseconds a claim to fold it.

    The saver splits keys at colons, so `prefix` holds none. With `keys` what people wrote is encrypted.
    """

    kind = "redis"

    def __init__(self, url: str, *, prefix: str, keys: Sequence[str] = ()) -> None:
        self._sessions = f"{prefix}_session"
        self._claims = f"{prefix}:fold:"
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=SOCKET_SECONDS,
            socket_timeout=SOCKET_SECONDS,
            socket_connect_timeout=SOCKET_SECONDS,
            socket_keepalive=True,
            health_check_interval=15,
            retry=Retry(ExponentialBackoff(cap=0.1, base=0.02), RETRIES),
        )
        self._redis: Redis = Redis.from_pool(pool)
        options: dict[str, Any] = {
            "redis_client": self._redis,
            "ttl": {"default_ttl": TTL_MINUTES, "refresh_on_read": False},
            "checkpoint_prefix": self._sessions,
            "checkpoint_write_prefix": f"{self._sessions}_write",
        }
        self.saver = SealedSaver(Seal(keys), **options) if keys else AsyncShallowRedisSaver(**options)
        self.saver._key_cache = BoundedKeys()

    async def open(self) -> None:
        """Create the indexes, unless they are there; raises what redis-py and redisvl raise, also without modules."""
        for attempt in range(1, SETUP_ATTEMPTS + 1):
            try:
                await self.saver.asetup()
                return
            except RedisSearchError as error:  # redisvl looks, then creates: nodes that start together collide
                if "already exists" not in str(error).lower() or attempt == SETUP_ATTEMPTS:
                    raise
            await asyncio.sleep(0.02 * attempt)

    async def close(self) -> None:
        await self._redis.aclose()

    async def claim(self, user_id: int) -> bool:
        """Whether this node may fold the user's session now; two at once would lose what one of them wrote."""
        return bool(await self._redis.set(f"{self._claims}{user_id}", 1, nx=True, px=CLAIM_MS))

    async def release(self, user_id: int) -> None:
        await self._redis.delete(f"{self._claims}{user_id}")

    async def delete(self, user_id: int) -> None:
        thread = thread_of(user_id)["configurable"]["thread_id"]
        await self._redis.delete(f"{self._sessions}:{thread}:")  # the saver ends it with its namespace, the empty one

    async def sizes(self) -> tuple[int, int]:
        """(sessions, bytes), of MOST_SCANNED sessions at most."""
        keys: list[Any] = []
        async for key in self._redis.scan_iter(match=f"{self._sessions}:session:*", count=500):
            keys.append(key)
            if len(keys) >= MOST_SCANNED:
                break
        async with self._redis.pipeline(transaction=False) as pipeline:
            for key in keys:
                pipeline.memory_usage(key, samples=0)
            return len(keys), sum(size or 0 for size in await pipeline.execute())
