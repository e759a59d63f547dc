"""Measures the model's constants by calling the product's own functions; CPU time, so that others matter less."""

import asyncio
import socket
import threading
from functools import partial
from itertools import count
from pathlib import Path
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from benchmarks.scaling.calibration_engines import with_redis
from benchmarks.scaling.constants import Constant
from benchmarks.scaling.people import ROOMS, TEXT, committed, marks, people, posts
from benchmarks.scaling.stopwatch import cpu_us
from chat.actions.marks import save_marks
from chat.edge.socket import text_frame
from chat.fanout.local import LocalConversation
from chat.fanout.outbox import Outbox
from chat.log.append import append_batch
from chat.log.batch import Prepared
from chat.log.fence import AccessMemory
from chat.log.memory import Memory
from chat.log.reading import heads
from chat.ops.redis_server import RedisServer
from chat.session.sql import create_anchor, seed_of
from chat.wire import codec, events
from chat.wire.markdown import render

PAUSES = (0.004, 0.1)
PAUSED_TIMES = 10
READER_SLEEPS = 0.0003
BATCH = 30


class Follower:
    """Takes frames as a connection does, and writes them nowhere."""

    user_id = 0

    def __init__(self) -> None:
        self.pending: list[bytes] = []
        self.quiet_until = 0.0

    def write(self, frame: bytes) -> None:
        """The socket's part is measured for itself."""


def measure(database_directory: Path) -> list[Constant]:
    """All of them, in about half a minute. The database of the settings has to be empty."""
    call_command("migrate", verbosity=0)
    users, rooms = people()
    create_anchor(users[0].pk, timezone.now())
    seed = seed_of(users[0].pk)
    assert seed is not None
    found = [*_log(users, rooms), *_words(), *_sockets(), *_reads(rooms, users)]
    with RedisServer(database_directory / "redis") as server:
        found += asyncio.run(with_redis(server, seed))
    return found


def _log(users: list[User], rooms: list[int]) -> list[Constant]:
    memory = Memory()
    append_batch(posts(users, rooms, ROOMS), memory)  # members are known from now on
    one, many, spread = (
        cpu_us(partial(_append, users, where, size, memory))
        for where, size in ((rooms[:1], 1), (rooms[:1], BATCH), (rooms, BATCH))
    )
    prepare_one, prepare_many = (cpu_us(partial(_prepare, users, rooms, size)) for size in (1, BATCH))
    with CaptureQueriesContext(connection) as queries:
        append_batch(posts(users, rooms[:1], 1), memory)
    each = (many - one) / (BATCH - 1)
    little, much = (
        cpu_us(lambda: append_batch(posts(users, rooms[:1], 1), memory), pause=pause, times=PAUSED_TIMES) / one - 1
        for pause in PAUSES
    )
    cold_after = (much - little) / (little / PAUSES[0] - much / PAUSES[1])
    where = "chat.log.append.append_batch on SQLite"
    return [
        Constant("commit_fixed", one - each, "µs", f"{where}, 1 post less the part of each"),
        Constant("commit_each", each, "µs", f"{where}, {BATCH} posts against 1"),
        Constant(
            "commit_conversation",
            (spread - many) / (BATCH - 1),
            "µs",
            f"{where}, {BATCH} posts in {BATCH} conversations against 1",
        ),
        Constant(
            "prepare_each",
            (prepare_many - prepare_one) / (BATCH - 1),
            "µs",
            "chat.log.batch.Prepared: the part of commit_each before the lock",
        ),
        Constant(
            "cold",
            1 + little * (PAUSES[0] + cold_after) / PAUSES[0],
            "times",
            f"{where}: how much longer after a long pause, by pauses of 4 and 100 ms",
        ),
        Constant("cold_after", cold_after * 1e6, "µs", "the same: the pause after which half of that is reached"),
        Constant("statements", len(queries) + 2, "calls", "statements of one transaction, BEGIN and COMMIT with them"),
    ]


def _append(users: list[User], rooms: list[int], size: int, memory: Memory) -> None:
    append_batch(posts(users, rooms, size), memory)


def _prepare(users: list[User], rooms: list[int], size: int) -> None:
    Prepared(posts(users, rooms[:1], size))


def _words() -> list[Constant]:
    client_id = uuid4()
    text = f'{{"type":"post","ref":1,"conversation":7,"client_id":"{client_id}","text":"{TEXT}"}}'
    said = cpu_us(lambda: (codec.parse_frame(text), render(TEXT), codec.encode(events.ok(1, conversation=7, seq=1))))
    frame = cpu_us(lambda: text_frame(b"[" + b",".join([b"x" * 400] * 10) + b"]"))
    return [
        Constant("words", said, "µs", "codec.parse_frame, markdown.render and codec.encode of the answer"),
        Constant("frame", frame, "µs", "chat.edge.socket.text_frame"),
        Constant(
            "change_bytes", float(len(committed(1).body)), "bytes", "a committed change of 100 characters, encoded"
        ),
    ]


def _sockets() -> list[Constant]:
    near, far = _pair()
    end = threading.Thread(target=_drain, args=(far,), daemon=True)
    end.start()
    small, large = b"x" * 400, b"x" * 32_400
    write_small, write_large = (
        cpu_us(partial(near.sendall, data), times=200, pause=READER_SLEEPS) for data in (small, large)
    )
    near.close()
    per_byte = max(0.0, (write_large - write_small) / (len(large) - len(small)))
    hub = [asyncio.run(_hub_cost(followers)) for followers in (1, 101)]
    return [
        Constant("write", write_small - 400 * per_byte, "µs", "socket.send on the loopback: one frame"),
        Constant("write_kb", per_byte * 1000, "µs", "the same, each 1,000 bytes: 32 KB against 400 bytes"),
        Constant("follower", (hub[1] - hub[0]) / 100, "µs", "Outbox.put_all and flush: one more follower"),
    ]


async def _hub_cost(followers: int) -> float:
    outbox = Outbox(text_frame, pace_seconds=0.0)
    local = LocalConversation(1, "e", 0)
    local.following.update(Follower() for _ in range(followers))  # type: ignore[arg-type]
    places = count(1)

    def deliver() -> None:
        for change in local.sequencer.offer([committed(next(places))]):
            outbox.put_all(local.following, change.body)  # type: ignore[arg-type]
        outbox.flush()

    return cpu_us(deliver, times=300)


def _reads(rooms: list[int], users: list[User]) -> list[Constant]:
    accesses = AccessMemory()
    few, many = (cpu_us(partial(heads, rooms[:size])) for size in (1, ROOMS))
    numbers = count(1)
    mark = cpu_us(lambda: save_marks(marks(rooms, users, next(numbers)), accesses), times=20) / ROOMS
    return [
        Constant(
            "head",
            (many - few) / (ROOMS - 1),
            "µs",
            "chat.log.reading.heads: one more conversation (SQLite, client and engine)",
        ),
        Constant("mark_each", mark, "µs", f"chat.actions.marks.save_marks: each of {ROOMS} of one batch"),
    ]


def _pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        far, _ = server.accept()
    near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return near, far


def _drain(far: socket.socket) -> None:
    while far.recv(1 << 18):
        continue
    far.close()
