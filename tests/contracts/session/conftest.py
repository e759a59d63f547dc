"""The same small world over both stores of checkpoints: people, conversations, nodes, and a clock that stands still."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from redis.asyncio import Redis

from accounts.models import User
from chat.database import Database
from chat.models import Conversation, Membership, Message
from chat.ops.redis_server import RedisServer
from chat.session import Posted, SessionService
from chat.session.checkpoints import Checkpoints, Store
from chat.session.memory_store import MemoryStore
from chat.session.redis_store import RedisStore

PREFIX = "a-site"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class World:
    """Rows are written by the writer thread, as in a node; `nodes` share one store."""

    def __init__(self, database: Database, new_store: Callable[[], Store] | None) -> None:
        self.database = database
        self.new_store = new_store
        self.now = LONG_AGO
        self.nodes: list[SessionService] = []

    async def node(self, name: str = "a") -> SessionService:
        checkpoints = Checkpoints(self.new_store, retry_seconds=0.1)
        service = SessionService(self.database, checkpoints, node_name=name, clock=lambda: self.now)
        await service.start()
        self.nodes.append(service)
        return service

    async def user(self, name: str = "ann") -> int:
        return (await self.database.write(lambda: User.objects.create(username=name))).pk

    async def conversation(self, *users: int) -> int:
        return await self.database.write(_conversation, users, self.now)

    async def post(self, user: int, conversation: int, text: str = "hello", *, at: datetime | None = None) -> Posted:
        return await self.database.write(_post, user, conversation, text, at or self.now)

    async def change_membership(self, user: int, conversation: int, **fields: object) -> None:
        rows = Membership.objects.filter(user_id=user, conversation_id=conversation)
        await self.database.write(lambda: rows.update(updated_at=self.now, **fields))

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def close(self) -> None:
        for node in self.nodes:
            await node.stop()
        await self.database.close()


async def until_good(node: SessionService, user: int) -> None:
    async with asyncio.timeout(30):
        while True:
            if (await node.inspect(user))["checkpoint"] == "good":
                return
            await asyncio.sleep(0.02)


def _conversation(users: tuple[int, ...], now: datetime) -> int:
    conversation = Conversation.objects.create(kind=Conversation.Kind.GROUP, title="Team", member_count=len(users))
    for user in users:
        Membership.objects.create(conversation=conversation, user_id=user, joined_at=now, updated_at=now)
    return conversation.pk


def _post(user: int, conversation_id: int, text: str, at: datetime) -> Posted:
    conversation = Conversation.objects.get(pk=conversation_id)
    conversation.head += 1
    conversation.save()
    message = Message.objects.create(
        conversation=conversation,
        seq=conversation.head,
        changed_seq=conversation.head,
        sender_id=user,
        text=text,
        at=at,
    )
    return Posted(message.pk, conversation_id, message.seq, at, text)


@pytest.fixture(params=["memory", "redis"])
def new_store(request: pytest.FixtureRequest) -> Callable[[], Store]:
    if request.param == "memory":
        store = MemoryStore()
        return lambda: store
    server: RedisServer = request.getfixturevalue("redis_server")
    return lambda: RedisStore(server.url, prefix=PREFIX)


@pytest.fixture
async def database(transactional_db: None) -> Database:
    return Database()


@pytest.fixture
async def world(database: Database, new_store: Callable[[], Store]) -> AsyncIterator[World]:
    world = World(database, new_store)
    yield world
    await world.close()


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url) as client:
        await client.flushall()
        yield client


@pytest.fixture
async def redis_world(database: Database, redis_server: RedisServer, redis: Redis) -> AsyncIterator[World]:
    world = World(database, lambda: RedisStore(redis_server.url, prefix=PREFIX))
    yield world
    await world.close()
