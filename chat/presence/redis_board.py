"""The board of a cluster: presence in Redis, judged by the clock of Redis, everything with an expiry."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson
from redis.commands.core import AsyncScript

from chat.presence import redis_scripts
from chat.presence.board import BoardUnavailable, Card, Home, Look, Moved, NodeBeat, Tempo
from chat.presence.redis_connection import failing_as, open_redis

Item = TypeVar("Item")

USERS_A_STEP = 500
"""How many users one pipeline asks for, pins or reaps: some milliseconds of Redis, not more."""


class RedisBoard:
    """The layout of the keys is in `redis_scripts`. Single Redis or Sentinel; not a Redis Cluster."""

    def __init__(self, url: str, *, prefix: str, tempo: Tempo | None = None) -> None:
        self._root = f"{prefix}:presence:"
        self._nodes = f"{self._root}nodes"
        self._tempo = tempo or Tempo()
        self._dead_after_ms = round(self._tempo.dead_after_seconds * 1000)
        self._redis = open_redis(url)
        self._beat = self._redis.register_script(redis_scripts.BEAT)
        self._arrive = self._redis.register_script(redis_scripts.ARRIVE)
        self._depart = self._redis.register_script(redis_scripts.DEPART)
        self._reap = self._redis.register_script(redis_scripts.REAP)

    async def join(self, incarnation: str, card: Card) -> Look:
        return await self._look(incarnation, 1, card)

    async def beat(self, incarnation: str, card: Card) -> Look:
        return await self._look(incarnation, 0, card)

    async def retire(self, incarnation: str) -> None:
        async with failing_as(BoardUnavailable):
            await self._redis.zadd(self._nodes, {incarnation: 0}, xx=True)

    async def reap(self, incarnation: str) -> bool:
        return bool(await self._run(self._reap, incarnation, USERS_A_STEP))

    async def pin(self, homes: Sequence[tuple[int, Home]]) -> None:
        for some in _steps(homes):
            async with failing_as(BoardUnavailable), self._redis.pipeline(transaction=True) as pipeline:
                for user_id, home in some:
                    pipeline.sadd(self._on(home.incarnation), user_id)
                    pipeline.hset(self._user(user_id), _field(home), _value(home))
                    pipeline.expire(self._user(user_id), self._tempo.keep_seconds)
                for incarnation in {home.incarnation for _, home in some}:
                    pipeline.expire(self._on(incarnation), self._tempo.keep_seconds)
                await pipeline.execute()

    async def arrive(self, user_id: int, home: Home) -> Moved:
        found = await self._run(
            self._arrive, home.incarnation, user_id, _field(home), _value(home), self._tempo.keep_seconds
        )
        return Moved(*map(bool, found))

    async def depart(self, user_id: int, home: Home) -> Moved:
        return Moved(*map(bool, await self._run(self._depart, home.incarnation, user_id, _field(home))))

    async def homes(self, user_ids: Iterable[int], *, asking: str | None = None) -> dict[int, list[Home]]:
        found: dict[int, list[Home]] = {}
        for some in _steps(list(user_ids)):
            async with failing_as(BoardUnavailable), self._redis.pipeline(transaction=False) as pipeline:
                for user_id in some:
                    pipeline.hgetall(self._user(user_id))
                # After the homes: an incarnation joins before it pins.
                pipeline.zrange(self._nodes, 0, -1, withscores=True)
                pipeline.time()
                *hashes, beats, (seconds, micros) = await pipeline.execute()
            alive = self._alive(seconds * 1000 + micros // 1000, dict(beats))
            if asking is not None and asking not in alive:
                raise BoardUnavailable("the board does not know who asks")
            living = {user_id: _homes(fields, alive) for user_id, fields in zip(some, hashes, strict=True)}
            found.update({user_id: homes for user_id, homes in living.items() if homes})
        return found

    async def users_on(self, incarnation: str) -> set[int]:
        async with failing_as(BoardUnavailable):
            return set(map(int, await self._redis.smembers(self._on(incarnation))))

    async def nodes(self) -> list[NodeBeat]:
        async with failing_as(BoardUnavailable):
            async with self._redis.pipeline(transaction=True) as pipeline:
                pipeline.time()
                pipeline.zrange(self._nodes, 0, -1, withscores=True)
                (seconds, micros), beats = await pipeline.execute()
            alive = sorted(self._alive(seconds * 1000 + micros // 1000, dict(beats)))
            cards = await self._redis.mget([f"{self._root}node:{one}" for one in alive]) if alive else []
        last = dict(beats)
        return [
            _node(incarnation, last[incarnation], card) for incarnation, card in zip(alive, cards, strict=True) if card
        ]

    async def close(self) -> None:
        await self._redis.aclose(close_connection_pool=True)

    async def _look(self, incarnation: str, is_joining: int, card: Card) -> Look:
        text = orjson.dumps({"name": card.name, "connections": card.connections, "info": dict(card.info)}).decode()
        is_known, now_ms, flat = await self._run(self._beat, incarnation, is_joining, text, self._tempo.keep_seconds)
        beats = dict(zip(flat[::2], map(float, flat[1::2]), strict=True))
        alive = self._alive(int(float(now_ms)), beats)
        return Look(bool(is_known), alive, frozenset(beats) - alive)

    async def _run(self, script: AsyncScript, *args: str | int) -> Any:
        async with failing_as(BoardUnavailable):
            return await script(args=[self._root, self._dead_after_ms, *args])

    def _user(self, user_id: int) -> str:
        return f"{self._root}user:{user_id}"

    def _on(self, incarnation: str) -> str:
        return f"{self._root}on:{incarnation}"

    def _alive(self, now_ms: int, beats: dict[str, float]) -> frozenset[str]:
        return frozenset(
            incarnation for incarnation, beat_ms in beats.items() if beat_ms > now_ms - self._dead_after_ms
        )


def _homes(fields: dict[str, str], alive: frozenset[str]) -> list[Home]:
    return [home for home in map(_home, fields, fields.values()) if home.incarnation in alive]


def _home(field: str, value: str) -> Home:
    incarnation, _, device = field.partition("|")
    node, _, since_ms = value.rpartition("|")
    return Home(incarnation, device, node, int(since_ms))


def _node(incarnation: str, beat_ms: float, card: str | bytes) -> NodeBeat:
    said = orjson.loads(card)
    last_beat = datetime.fromtimestamp(beat_ms / 1000, UTC)
    return NodeBeat(said["name"], incarnation, said["connections"], last_beat, said["info"])


def _field(home: Home) -> str:
    return f"{home.incarnation}|{home.device}"


def _value(home: Home) -> str:
    return f"{home.node}|{home.since_ms}"


def _steps(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + USERS_A_STEP] for start in range(0, len(items), USERS_A_STEP))
