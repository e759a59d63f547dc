"""Nobody gets more than their share: not by bursts, not by many devices, not through many nodes."""

import asyncio
import math
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import Redis

from chat.edge.throttle import ConnectionLimits, Rates, TokenBucket, UserLimits
from chat.ops.redis_server import RedisServer

ANN, BOB = 1, 2
UNREACHABLE = "redis://127.0.0.1:1/0"
PREFIX = "a-site"


class Clock:
    def __init__(self, now: float = 0.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_burst_and_then_its_rate():
    clock = Clock()
    bucket = TokenBucket(5, 2, clock)
    assert [bucket.take(), bucket.take(), bucket.take()] == [0, 0, 0.2]
    clock.now = 0.2
    assert [bucket.take(), bucket.take()] == [0, 0.2]


def test_a_refused_take_takes_nothing():
    bucket = TokenBucket(1, 10, Clock())
    assert [bucket.take(8), bucket.take(3), bucket.take(2)] == [0, 1, 0]


def test_more_than_the_burst_is_never_given():
    assert TokenBucket(1, 10, Clock()).take(11) == math.inf


def test_a_clock_that_steps_back_gives_nothing():
    clock = Clock(100)
    bucket = TokenBucket(1, 1, clock)
    bucket.take()
    clock.now = 50
    assert bucket.take() == 1


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 50),
    steps=st.lists(st.tuples(st.floats(0, 3), st.integers(1, 60)), max_size=60),
)
def test_never_more_than_burst_plus_rate_times_time_and_the_wait_it_names_is_enough(
    rate: float, burst: int, steps: list[tuple[float, int]]
):
    clock = Clock()
    bucket = TokenBucket(rate, burst, clock)
    given_since: list[tuple[float, int]] = []
    for pause, n in steps:
        clock.now += pause
        wait = bucket.take(n)
        if 0 < wait < math.inf:
            clock.now += wait + 1e-6
            wait = bucket.take(n)
        assert wait == (0 if n <= burst else math.inf)
        if wait == 0:
            given_since.append((clock.now, n))
    for index, (start, _) in enumerate(given_since):
        later = given_since[index:]
        total = 0
        for moment, n in later:
            total += n
            assert total <= burst + rate * (moment - start) + 1e-3


def test_posts_are_limited_before_commands():
    clock = Clock()
    limits = ConnectionLimits(Rates(posts_per_10s=2, commands_per_10s=5), clock)
    assert [limits.admit_post() for _ in range(3)] == [0, 0, 5000]
    assert [limits.admit_command() for _ in range(3)] == [0, 0, 2000]
    clock.now = 5
    assert limits.admit_post() == 0


def test_a_post_counts_as_a_command():
    limits = ConnectionLimits(Rates(posts_per_10s=5, commands_per_10s=2), Clock())
    assert [limits.admit_post() for _ in range(3)] == [0, 0, 5000]


def test_bytes_are_limited_by_frame():
    limits = ConnectionLimits(Rates(bytes_per_10s=100_000), Clock())
    assert [limits.admit_frame(65_536), limits.admit_frame(65_536)] == [0, 3108]


def test_a_frame_that_never_fits_is_told_to_wait_for_a_whole_window():
    assert ConnectionLimits(Rates(bytes_per_10s=100), Clock()).admit_frame(101) == 10_000


def test_who_goes_on_after_two_hundred_refusals_in_ten_seconds_is_flooding():
    limits = ConnectionLimits(Rates(commands_per_10s=1), Clock())
    limits.admit_command()
    assert [limits.admit_command() and limits.is_flooding for _ in range(201)] == [False] * 200 + [True]


def test_slow_refusals_are_not_a_flood():
    clock = Clock()
    limits = ConnectionLimits(Rates(refusals_per_10s=3), clock)
    for _ in range(50):
        clock.now += 3.4
        limits.note_refusal()
        assert not limits.is_flooding


def test_a_user_is_refused_until_the_window_ends():
    clock = Clock(1003.0)
    limits = UserLimits(None, prefix="", per_window=2, clock=clock)
    assert [limits.check(ANN), limits.check(ANN), limits.check(ANN), limits.check(BOB)] == [0, 0, 7000, 0]
    clock.now = 1010.0
    assert limits.check(ANN) == 0


def test_a_cost_above_what_is_left_is_refused_whole():
    limits = UserLimits(None, prefix="", per_window=5, clock=Clock(1000))
    assert [limits.check(ANN, 4), limits.check(ANN, 2), limits.check(ANN, 1)] == [0, 10_000, 0]


async def test_users_of_past_windows_are_forgotten():
    clock = Clock(1000)
    limits = UserLimits(None, prefix="", clock=clock)
    limits.check(ANN)
    clock.now = 1010
    limits.check(BOB)
    await limits.share()
    assert list(limits._tallies) == [BOB]


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with Redis.from_url(redis_server.url, decode_responses=True) as redis:
        await redis.flushdb()
        yield redis


async def in_one_window(redis: Redis) -> None:
    """Wait until the window of Redis' clock has some seconds left."""
    seconds, micros = await redis.time()
    left = 10 - (seconds + micros / 1e6) % 10
    if left < 4:
        await asyncio.sleep(left)


async def test_what_a_user_does_on_one_node_counts_on_the_others(redis_server: RedisServer, redis: Redis):
    await in_one_window(redis)
    one, two = [UserLimits(redis_server.url, prefix=PREFIX, per_window=5) for _ in range(2)]
    assert [one.check(ANN, 3), two.check(ANN, 2), two.check(BOB, 5)] == [0, 0, 0]
    await one.share()
    await two.share()
    assert two.check(ANN) > 0
    assert one.check(ANN) == 0  # it has not learned yet: the documented overrun
    await one.share()
    assert one.check(ANN) > 0
    assert sorted([int(await redis.get(key)) for key in await redis.keys(f"{PREFIX}:rate:*")]) == [5, 6]
    assert [key for key in await redis.keys("*") if await redis.ttl(key) < 0] == []
    await one.stop()
    await two.stop()


async def test_clocks_of_nodes_may_differ(redis_server: RedisServer, redis: Redis):
    await in_one_window(redis)
    ahead = UserLimits(redis_server.url, prefix=PREFIX, per_window=5, clock=Clock(5_000_000_000.0))
    right = UserLimits(redis_server.url, prefix=PREFIX, per_window=5)
    ahead.check(BOB)
    await ahead.share()
    ahead.check(ANN, 5)
    await ahead.share()
    right.check(ANN)
    await right.share()
    assert right.check(ANN) > 0
    await ahead.stop()
    await right.stop()


async def test_without_redis_the_limit_is_kept_by_each_node():
    limits = UserLimits(UNREACHABLE, prefix=PREFIX, per_window=3, clock=Clock(1000))
    assert limits.check(ANN, 2) == 0
    await limits.share()
    assert limits.is_degraded
    assert [limits.check(ANN), limits.check(ANN)] == [0, 10_000]
    await limits.stop()


async def test_counts_made_while_redis_was_away_are_told_when_it_is_back(redis_server: RedisServer, redis: Redis):
    await in_one_window(redis)
    limits = UserLimits(redis_server.url, prefix=PREFIX, per_window=5)
    limits.check(ANN, 2)
    redis_server.freeze()
    try:
        await limits.share()
    finally:
        redis_server.thaw()
    assert limits.is_degraded
    limits.check(ANN, 1)
    await limits.share()
    assert not limits.is_degraded
    assert int(await redis.get((await redis.keys(f"{PREFIX}:rate:*"))[0])) >= 3
    await limits.stop()


async def test_the_running_loop_shares_once_a_second(redis_server: RedisServer, redis: Redis):
    limits = UserLimits(redis_server.url, prefix=PREFIX)
    await limits.start()
    limits.check(ANN)
    async with asyncio.timeout(20):
        while not await redis.keys(f"{PREFIX}:rate:*"):  # noqa: ASYNC110 (Redis rings no bell)
            await asyncio.sleep(0.05)
    await limits.stop()
