"""What Redis remembers of a site: sessions, presence, rates, caches; all of it can be built again."""

import asyncio

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.presence.board import BoardUnavailable
from chat.presence.redis_board import RedisBoard

ANSWER_SECONDS = 5.0
AT_ONCE = 500


def forget_traces() -> int | None:
    """Delete everything that Redis keeps under this REDIS_PREFIX; how many keys, or None when Redis did not answer."""
    if not settings.REDIS_URLS:
        return 0
    prefix, forgotten = settings.REDIS_PREFIX, 0
    client = redis.Redis.from_url(
        settings.REDIS_URLS[0],
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    try:
        with client:
            for pattern in (f"{prefix}:*", f"{prefix}_session:*", f"{prefix}_session_write:*"):
                keys = list(client.scan_iter(match=pattern, count=AT_ONCE))
                for start in range(0, len(keys), AT_ONCE):
                    forgotten += client.unlink(*keys[start : start + AT_ONCE])
    except redis.RedisError:
        return None
    return forgotten


def nodes_seen() -> list[str]:
    """The names of the nodes that Redis has heard of within seconds; empty where it does not answer."""
    return asyncio.run(_nodes_seen()) if settings.REDIS_URLS else []


async def _nodes_seen() -> list[str]:
    board = RedisBoard(settings.REDIS_URLS[0], prefix=settings.REDIS_PREFIX)
    try:
        return sorted(node.name for node in await board.nodes())
    except BoardUnavailable:
        return []
    finally:
        await board.close()
