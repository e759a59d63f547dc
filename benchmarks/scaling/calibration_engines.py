"""Measures what Redis and PostgreSQL, and a node's talking to them, cost: by the product's own calls."""

import asyncio
import time
from itertools import count
from uuid import uuid4

import redis
from django.core.management import call_command
from django.utils import timezone

from benchmarks.scaling.constants import Constant
from benchmarks.scaling.people import ROOMS, TEXT, committed, marks, people, posts
from benchmarks.scaling.stopwatch import TIMES, both_cpu_us, commands, engine_us
from chat.actions.marks import save_marks
from chat.fanout import messages
from chat.fanout.layer import HardenedPubSubLayer
from chat.log.append import append_batch
from chat.log.fence import AccessMemory
from chat.log.memory import Memory
from chat.log.reading import heads
from chat.ops.redis_server import RedisServer
from chat.presence.board import Card, Home
from chat.presence.redis_board import RedisBoard
from chat.session.acts import Acked, Posted
from chat.session.checkpoints import Checkpoints
from chat.session.redis_store import RedisStore
from chat.session.state import SessionState

FOLD_PAUSE = 0.05
WAKES = 200
MANY_NODES, MANY_USERS = 1000, 500


def measure_postgres(pid: int) -> list[Constant]:
    """CPU of PostgreSQL's processes, whose first one is `pid`; the database of the settings has to be empty."""
    call_command("migrate", verbosity=0)
    users, rooms = people()
    memory, accesses, numbers = Memory(), AccessMemory(), count(1)
    append_batch(posts(users, rooms, ROOMS * 150), memory)
    post = engine_us(lambda: append_batch(posts(users, rooms, 1), memory), pid)
    mark = engine_us(lambda: save_marks(marks(rooms, users, next(numbers)), accesses), pid) / ROOMS
    head = engine_us(lambda: heads(rooms), pid) / ROOMS
    return [
        Constant("postgres_commit", post, "µs", "append_batch of 1 post: CPU of PostgreSQL, without fsync"),
        Constant("postgres_mark", mark, "µs", f"save_marks: CPU of PostgreSQL for each of {ROOMS}"),
        Constant("postgres_head", head, "µs", f"chat.log.reading.heads: CPU of PostgreSQL for each of {ROOMS}"),
    ]


async def with_redis(server: RedisServer, seed: SessionState) -> list[Constant]:
    client = redis.Redis.from_url(server.url)
    return [
        await _wake(),
        *await _layer(server, client),
        *await _folds(server, client, seed),
        *await _presence(server, client),
    ]


async def _wake() -> Constant:
    """The quickest tenth, since others of the machine make the rest slower."""
    taken = []
    for _ in range(WAKES):
        await asyncio.sleep(0.002)
        began = time.perf_counter()
        await asyncio.to_thread(int)
        taken.append((time.perf_counter() - began) / 2 * 1e6)
    return Constant(
        "wake",
        sorted(taken)[WAKES // 10],
        "µs",
        "half of asyncio.to_thread(int), the quickest tenth: until a sleeping thread runs",
    )


async def _layer(server: RedisServer, client: redis.Redis) -> list[Constant]:
    sender = HardenedPubSubLayer([server.url], "calibrate")
    channel = await sender.new_channel()
    alone = await _published(sender, client, "conversation.0", times=TIMES)
    await sender.group_add("conversation.1", channel)
    heard = await _published(sender, client, "conversation.1", times=TIMES, channel=channel)
    await sender.flush()
    return [
        Constant(
            "publish_each", alone[0], "µs", "HardenedPubSubLayer.group_send_many of 50, nobody listens: the node's part"
        ),
        Constant(
            "receive_each", heard[0] - alone[0], "µs", "the same with one listener, receive_batch and read_changes"
        ),
        Constant("redis_publish", alone[1], "µs", "the same: CPU of Redis for one PUBLISH"),
        Constant("redis_subscriber", max(0.0, heard[1] - alone[1]), "µs", "CPU of Redis for each node that listens"),
    ]


async def _published(
    layer: HardenedPubSubLayer, client: redis.Redis, group: str, *, times: int, channel: str = ""
) -> tuple[float, float]:
    """CPU µs for each message, of this process and of Redis."""
    batch = [(group, messages.changes("a", [committed(1)]))] * 50

    async def once() -> None:
        await layer.group_send_many(batch)
        heard = 0
        while channel and heard < len(batch):
            got = await layer.receive_batch(channel)
            heard += len([messages.read_changes(each) for each in got])

    own, engine = await both_cpu_us(once, client, times=times)
    return own / len(batch), engine / len(batch)


async def _folds(server: RedisServer, client: redis.Redis, seed: SessionState) -> list[Constant]:
    checkpoints = Checkpoints(lambda: RedisStore(server.url, prefix="calibrate"))
    await checkpoints.start()
    user, session = seed["user_id"], seed["session_id"]
    await checkpoints.fold(user, [], session_id=session, seed=seed)
    numbers = count(1)

    async def fold() -> None:
        number = next(numbers)
        acts = [Posted(number, 1, number, timezone.now(), TEXT), Acked(str(uuid4()), {1: ("e", number)})]
        await checkpoints.fold(user, acts, session_id=session)

    async def fold_now_and_then() -> None:
        await asyncio.sleep(FOLD_PAUSE)
        await fold()

    own, _ = await both_cpu_us(fold_now_and_then, client, times=TIMES)
    _, engine = await both_cpu_us(fold, client, times=TIMES)
    before = commands(client)
    for _ in range(TIMES):
        await fold()
    sent = (commands(client) - before - 1) / TIMES  # INFO itself
    await checkpoints.stop()
    return [
        Constant(
            "fold", own, "µs", "chat.session.checkpoints.Checkpoints.fold: CPU of the node, twenty times a second"
        ),
        Constant("redis_fold", engine, "µs", "the same without a pause: CPU of Redis"),
        Constant("fold_commands", sent, "commands", "the same: commands, by INFO of Redis"),
    ]


async def _presence(server: RedisServer, client: redis.Redis) -> list[Constant]:
    board = RedisBoard(server.url, prefix="calibrate")
    beats = []
    for nodes in (1, MANY_NODES):
        for number in range(nodes):
            await board.join(f"{number:036}", Card(f"server_{number}", 1))
        beats.append((await both_cpu_us(lambda: board.beat(f"{0:036}", Card("server_0", 1)), client, times=TIMES))[1])
    for user in range(MANY_USERS):
        await board.arrive(user, Home(f"{0:036}", str(uuid4()), "server_0", 0))
    own, engine = await both_cpu_us(lambda: board.homes(range(MANY_USERS)), client, times=TIMES)
    await board.close()
    return [
        Constant("redis_beat", beats[0], "µs", "chat.presence.redis_board.RedisBoard.beat: CPU of Redis with one node"),
        Constant(
            "redis_beat_node",
            (beats[1] - beats[0]) / (MANY_NODES - 1),
            "µs",
            f"the same for each node on the board, {MANY_NODES} against 1",
        ),
        Constant("home", own / MANY_USERS, "µs", "RedisBoard.homes: CPU of the node for each user asked for"),
        Constant("redis_home", engine / MANY_USERS, "µs", "the same: CPU of Redis"),
    ]
