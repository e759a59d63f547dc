"""What keeping a session costs: our bounded fold, and the usual whole history in the graph's state."""

import tempfile
import time
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

from langchain_core.messages import HumanMessage
from langgraph.checkpoint.redis.aio import AsyncRedisSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from redis.asyncio import Redis

from chat.ops.redis_server import RedisServer
from chat.session.acts import Posted, stamp
from chat.session.checkpoints import Checkpoints
from chat.session.redis_store import RedisStore
from chat.session.state import VERSION, SessionState

MESSAGES = 1000
STEPS = 100
PREFIX = "benchmark"
USER = 1
TEXT = "the five boxing wizards jump quickly and pack my box with five dozen liquor jugs, as people do"


@dataclass(frozen=True, slots=True)
class CheckpointCost:
    """Median ms of a step (one message more) after few and after `steps` messages, and what Redis then holds."""

    design: str
    few_ms: float
    many_ms: float
    redis_mb: float
    redis_keys: int
    steps: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def measure_checkpoints(messages: int = MESSAGES) -> list[CheckpointCost]:
    """Both on one Redis, one after the other."""
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as folder, RedisServer(Path(folder)) as redis:
        return [await _bounded(redis, messages), await _whole(redis, messages)]


async def _bounded(redis: RedisServer, messages: int) -> CheckpointCost:
    """`chat.session` as a node runs it, but for the pause between steps: claim, load, fold, write, release."""
    base = await _held(redis)
    checkpoints = Checkpoints(partial(RedisStore, redis.url, prefix=PREFIX))
    await checkpoints.start()
    try:
        session_id = str(uuid4())
        await checkpoints.fold(USER, [], session_id=session_id, seed=_new_session(session_id))
        times = [await _seconds(_fold(checkpoints, session_id, number)) for number in range(1, messages + 1)]
        return await _cost("bounded session (distchat)", times, redis, base)
    finally:
        await checkpoints.stop()


async def _fold(checkpoints: Checkpoints, session_id: str, number: int) -> None:
    posted = Posted(number, 1, number, datetime.now(UTC), TEXT)
    if not await checkpoints.fold(USER, [posted], session_id=session_id):
        raise RuntimeError("the session was not folded")


def _new_session(session_id: str) -> SessionState:
    now = stamp(datetime.now(UTC))
    parts: SessionState = {"drafts": "{}", "read_seqs": "{}", "heads": "{}", "devices": "{}", "window": "{}"}
    return {
        "version": VERSION,
        "session_id": session_id,
        "user_id": USER,
        "started_at": now,
        "last_active_at": now,
        "message_count": 0,
        "counted_to": 0,
        "open_conversation": 0,
        **parts,
    }


async def _whole(redis: RedisServer, messages: int) -> CheckpointCost:
    """`MessagesState`, as most examples have it: every message, for ever."""
    base = await _held(redis)
    async with AsyncRedisSaver.from_conn_string(redis.url) as saver:
        await saver.asetup()
        graph = StateGraph(MessagesState)
        graph.add_node("note", _nothing)
        graph.add_edge(START, "note")
        graph.add_edge("note", END)
        app = graph.compile(checkpointer=saver)
        times = [await _seconds(_say(app)) for _ in range(messages)]
        return await _cost("whole history in the state", times, redis, base)


async def _say(app: Any) -> None:
    await app.ainvoke({"messages": [HumanMessage(TEXT)]}, {"configurable": {"thread_id": "whole"}})


def _nothing(state: MessagesState) -> dict[str, list[str]]:
    return {}


async def _cost(design: str, times: list[float], redis: RedisServer, base: tuple[int, int]) -> CheckpointCost:
    size, keys = await _held(redis)
    few, many = median(times[:STEPS]) * 1e3, median(times[-STEPS:]) * 1e3
    return CheckpointCost(design, few, many, (size - base[0]) / 1e6, keys - base[1], len(times))


async def _held(redis: RedisServer) -> tuple[int, int]:
    async with Redis.from_url(redis.url) as client:
        return (await client.info("memory"))["used_memory"], await client.dbsize()


async def _seconds(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began
