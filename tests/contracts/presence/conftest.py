"""The same small world on both boards: several nodes, and a clock that the test moves."""

from collections.abc import AsyncIterator, Callable
from typing import Protocol

import pytest
from redis.asyncio import Redis

from chat.ops.redis_server import RedisServer
from chat.presence import Presence
from chat.presence.board import Board, Info
from chat.presence.memory_board import MemoryBoard
from chat.presence.redis_board import RedisBoard

PREFIX = "a-site"
NODES = f"{PREFIX}:presence:nodes"


class BoardSource(Protocol):
    def open(self) -> Board: ...

    async def pass_time(self, seconds: float) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.board = MemoryBoard(clock=lambda: self.now)

    def open(self) -> Board:
        return self.board

    async def pass_time(self, seconds: float) -> None:
        self.now += seconds


class InRedis:
    """Time passes by making every beat older: nothing else in Redis depends on the clock."""

    def __init__(self, url: str, redis: Redis) -> None:
        self.url = url
        self.redis = redis

    def open(self) -> Board:
        return RedisBoard(self.url, prefix=PREFIX)

    async def pass_time(self, seconds: float) -> None:
        for incarnation in await self.redis.zrange(NODES, 0, -1):
            await self.redis.zincrby(NODES, -seconds * 1000, incarnation)


class World:
    """Nodes whose beats the test makes; a node that is not beaten is a node that is dead or frozen."""

    def __init__(self, source: BoardSource) -> None:
        self.source = source
        self.now = 0.0
        self.nodes: list[Presence] = []
        self.told: dict[str, list[tuple[int, bool]]] = {}

    async def node(self, name: str, describe: Callable[[], Info] = dict) -> Presence:
        told = self.told[name] = []
        node = Presence(
            self.source.open(),
            node=name,
            on_change=lambda user_id, online: told.append((user_id, online)),
            describe=describe,
            clock=lambda: self.now,
        )
        self.nodes.append(node)
        await node.beat()
        return node

    async def pass_time(self, seconds: float, *beating: Presence) -> None:
        """Second by second; only `beating` nodes beat."""
        for _ in range(round(seconds)):
            self.now += 1
            await self.source.pass_time(1)
            for node in beating:
                await node.beat()


@pytest.fixture(params=["memory", "redis"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    if request.param == "memory":
        yield World(InMemory())
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    async with Redis.from_url(server.url, decode_responses=True) as redis:
        await redis.flushdb()
        world = World(InRedis(server.url, redis))
        yield world
        for node in world.nodes:
            await node.stop()
