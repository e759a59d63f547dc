"""Where nodes pin their reports, and find what staff ask of them: in Redis, or in memory for a single node."""

import time
from typing import Any, NamedTuple, Protocol

from chat.ops.cluster.report import REPORT_BYTES
from chat.presence.redis_connection import failing_as, open_redis

KEEP_SECONDS = 60
"""A node that says nothing more is remembered so long, to be shown as gone."""
ORDER_SECONDS = 15
"""What a node has not found by then it shall not do any more."""
MOST_NODES = 200
"""The latest of them; what else is on the board is not looked at."""


class BoardAway(Exception):
    """Redis does not answer, or not as a board does."""


class Found(NamedTuple):
    """What a node finds when it reports: an order for it and the announcement of all, both as they were put there."""

    order: bytes | None
    announcement: bytes | None


class Pinned(NamedTuple):
    """What lies there for one life of a node, and how long ago it was put there."""

    life: str
    age_seconds: float
    raw: bytes


class ClusterBoard(Protocol):
    """Every method raises BoardAway, and nothing else, when the board cannot be reached."""

    async def report(self, life: str, raw: bytes) -> Found:
        """Pin a report in place of the one before; costs the same however many nodes there are."""

    async def look(self) -> list[Pinned]:
        """The latest reports, at most MOST_NODES, the newest first."""

    async def now_ms(self) -> int:
        """The clock by which orders and announcements follow each other."""

    async def put_order(self, life: str, order: bytes) -> None:
        """Lay an order down for a node, in place of one before."""

    async def put_announcement(self, announcement: bytes, *, seconds: int, only_if_missing: bool = False) -> None:
        """Lay an announcement down for all nodes, for so long."""

    async def close(self) -> None:
        """Let go of connections."""


CLOCK = """
local root = ARGV[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

REPORT = (
    CLOCK
    + """
local life, raw, keep = ARGV[2], ARGV[3], tonumber(ARGV[4])
redis.call('ZADD', root .. 'nodes', now, life)
redis.call('ZREMRANGEBYSCORE', root .. 'nodes', '-inf', now - keep * 1000)
redis.call('EXPIRE', root .. 'nodes', keep)
redis.call('SET', root .. 'node:' .. life, raw, 'EX', keep)
local function read(name)
  local value = redis.pcall('GETRANGE', root .. name, 0, tonumber(ARGV[5]))
  return type(value) == 'string' and value or ''
end
return {read('order:' .. life), read('announcement')}
"""
)

LOOK = (
    CLOCK
    + """
local found = redis.call('ZREVRANGE', root .. 'nodes', 0, tonumber(ARGV[2]) - 1, 'WITHSCORES')
local rows = {}
for i = 1, #found, 2 do
  local raw = redis.pcall('GETRANGE', root .. 'node:' .. found[i], 0, tonumber(ARGV[3]))
  local age = tostring(now - tonumber(found[i + 1]))
  table.insert(rows, {string.sub(found[i], 1, 64), age, type(raw) == 'string' and raw or ''})
end
return rows
"""
)


class RedisClusterBoard:
    """Keys behind `<REDIS_PREFIX>:cluster:`: `nodes` (sorted set: life → Unix ms of its report), `node:<life>`,
    `order:<life>` and `announcement`; all of them expire. One Redis or Sentinel; ages go by its clock.
    """

    def __init__(self, url: str, *, prefix: str) -> None:
        self._root = f"{prefix}:cluster:"
        self._redis = open_redis(url, connections=3, as_text=False)
        self._report = self._redis.register_script(REPORT)
        self._look = self._redis.register_script(LOOK)

    async def report(self, life: str, raw: bytes) -> Found:
        async with failing_as(BoardAway):
            order, announcement = await self._report(args=[self._root, life, raw, KEEP_SECONDS, REPORT_BYTES])
        return Found(order or None, announcement or None)

    async def look(self) -> list[Pinned]:
        async with failing_as(BoardAway):
            rows = await self._look(args=[self._root, MOST_NODES, REPORT_BYTES])
        return [_pinned(row) for row in rows]

    async def now_ms(self) -> int:
        async with failing_as(BoardAway):
            seconds, micros = await self._redis.time()
        return int(seconds) * 1000 + int(micros) // 1000

    async def put_order(self, life: str, order: bytes) -> None:
        async with failing_as(BoardAway):
            await self._redis.set(f"{self._root}order:{life}", order, ex=ORDER_SECONDS)

    async def put_announcement(self, announcement: bytes, *, seconds: int, only_if_missing: bool = False) -> None:
        async with failing_as(BoardAway):
            await self._redis.set(f"{self._root}announcement", announcement, ex=max(1, seconds), nx=only_if_missing)

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)


def _pinned(row: Any) -> Pinned:
    life, age_ms, raw = row
    return Pinned(life.decode(errors="replace"), max(0.0, float(age_ms) / 1000), raw)


class MemoryClusterBoard:
    """The board of a single node without Redis."""

    def __init__(self) -> None:
        self._pinned: dict[str, tuple[float, bytes]] = {}
        self._orders: dict[str, bytes] = {}
        self._announcement: tuple[float, bytes] = (0.0, b"")

    async def report(self, life: str, raw: bytes) -> Found:
        self._pinned[life] = (time.monotonic(), raw)
        until, announcement = self._announcement
        return Found(self._orders.pop(life, None), announcement if time.monotonic() < until else None)

    async def look(self) -> list[Pinned]:
        now = time.monotonic()
        return [Pinned(life, now - at, raw) for life, (at, raw) in self._pinned.items() if now - at < KEEP_SECONDS]

    async def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def put_order(self, life: str, order: bytes) -> None:
        self._orders[life] = order

    async def put_announcement(self, announcement: bytes, *, seconds: int, only_if_missing: bool = False) -> None:
        until, _ = self._announcement
        if not only_if_missing or time.monotonic() >= until:
            self._announcement = (time.monotonic() + max(1, seconds), announcement)

    async def close(self) -> None:
        """Nothing to let go of."""
