"""CPU time of calls: of this thread, of this process, of Redis, and of PostgreSQL's processes."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import redis

from benchmarks.processes import cpu_seconds, family

TIMES, ROUNDS = 40, 5
ENGINE_SECONDS = 3.0


def cpu_us(function: Callable[[], Any], *, times: int = TIMES, pause: float = 0.0) -> float:
    """The quickest of five rounds, µs of this thread's CPU for each call, after a pause: others slow the rest down."""
    function()
    rounds = []
    for _ in range(ROUNDS):
        spent = 0.0
        for _ in range(times):
            time.sleep(pause)
            began = time.thread_time()
            function()
            spent += time.thread_time() - began
        rounds.append(spent / times * 1e6)
    return min(rounds)


async def both_cpu_us(
    function: Callable[[], Awaitable[Any]], client: redis.Redis, *, times: int
) -> tuple[float, float]:
    """µs of CPU for each call, of this process and of Redis."""
    await function()
    own, engine, rounds = time.process_time(), redis_seconds(client), 0
    until = time.monotonic() + 1.0
    while rounds < times or (time.monotonic() < until and rounds < 100 * times):
        await function()
        rounds += 1
    return (time.process_time() - own) / rounds * 1e6, (redis_seconds(client) - engine) / rounds * 1e6


def redis_seconds(client: redis.Redis) -> float:
    """In steps of a microsecond, where /proc has a hundredth of a second."""
    spent = client.info("cpu")
    return float(spent["used_cpu_sys"]) + float(spent["used_cpu_user"])  # type: ignore[index]


def commands(client: redis.Redis) -> float:
    return float(client.info("stats")["total_commands_processed"])  # type: ignore[index]


def engine_us(function: Callable[[], Any], pid: int) -> float:
    """µs of CPU of an engine with several processes, for each call, for a second at least."""
    function()
    before, began, calls = family_seconds(pid), time.monotonic(), 0
    while time.monotonic() - began < ENGINE_SECONDS:
        function()
        calls += 1
    return (family_seconds(pid) - before) / calls * 1e6


def family_seconds(pid: int) -> float:
    return sum(map(cpu_seconds, family(pid)))
