"""How much one connection and one user may ask for: token buckets here, and one count of a user across all nodes."""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from redis.asyncio import Redis

from chat.ending import end_tasks
from chat.presence.redis_connection import failing_as, open_redis
from chat.wire.limits import COMMANDS_PER_10S, FRAME_BYTES, POSTS_PER_10S
from chat.wire.limits import RATE_WINDOW_SECONDS as WINDOW_SECONDS

logger = logging.getLogger(__name__)

SHARE_SECONDS = 1.0
USERS_A_STEP = 500


class TokenBucket:
    """Pure: in any t seconds never more than burst + rate x t; `clock` is monotonic seconds."""

    __slots__ = ("_burst", "_clock", "_filled_at", "_rate_per_second", "_tokens")

    def __init__(self, rate_per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate_per_second = rate_per_second
        self._burst = burst
        self._clock = clock
        self._tokens = burst
        self._filled_at = clock()

    def take(self, n: float = 1) -> float:
        """0.0 when the tokens were taken, else the seconds after which they can be (inf: more than ever fit)."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._filled_at) * self._rate_per_second)
        self._filled_at = now
        if n <= self._tokens:
            self._tokens -= n
            return 0.0
        return math.inf if n > self._burst else (n - self._tokens) / self._rate_per_second


@dataclass(frozen=True, slots=True)
class Rates:
    """What one connection may do in 10 s at an even pace; the same amount may come at once after a pause."""

    posts_per_10s: int = POSTS_PER_10S
    commands_per_10s: int = COMMANDS_PER_10S
    bytes_per_10s: int = 32 * FRAME_BYTES  # below FRAME_BYTES a full frame would never be let in
    refusals_per_10s: int = 200  # who is refused more often than this does not listen, and is closed with 4429


class ConnectionLimits:
    """Pure; the answers are `retry_after_ms`, 0 = go ahead. Ask `is_flooding` after every refusal."""

    __slots__ = ("_bytes", "_clock", "_commands", "_posts", "_refusals_allowed", "_refused_at")

    def __init__(self, rates: Rates | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        rates = rates or Rates()
        self._clock = clock
        self._posts = _bucket(rates.posts_per_10s, clock)
        self._commands = _bucket(rates.commands_per_10s, clock)
        self._bytes = _bucket(rates.bytes_per_10s, clock)
        self._refusals_allowed = rates.refusals_per_10s
        self._refused_at: deque[float] | None = None  # most are never refused, and an empty deque takes 700 bytes

    def admit_frame(self, size_bytes: int) -> int:
        return self._answer(self._bytes.take(size_bytes))

    def admit_command(self) -> int:
        return self._answer(self._commands.take())

    def admit_post(self) -> int:
        """A post counts as a command too."""
        return self._answer(self._commands.take() or self._posts.take())

    def note_refusal(self) -> None:
        """Count a command that somebody else refused, such as one that is not valid or over the user's limit."""
        if self._refused_at is None:
            self._refused_at = deque(maxlen=self._refusals_allowed + 1)
        self._refused_at.append(self._clock())

    @property
    def is_flooding(self) -> bool:
        refused = self._refused_at
        return refused is not None and len(refused) == refused.maxlen and refused[-1] - refused[0] <= WINDOW_SECONDS

    def _answer(self, wait_seconds: float) -> int:
        if wait_seconds:
            self.note_refusal()
        return _milliseconds(min(wait_seconds, WINDOW_SECONDS))


@dataclass(slots=True)
class _Tally:
    window: int
    shared: int = 0  # what all nodes together had told Redis when we last asked
    unshared: int = 0  # what this node has not told yet


class UserLimits:
    """At most `per_window` posts (or what else is checked) of one user per 10 s, over all devices and nodes.

    Checks are local and immediate. Once a second the node adds what its active users did to
    `<prefix>:rate:<user>:<window>` in Redis (expires after three windows) and learns the sums, so that a user may
    overrun by what their connections manage in that second on the nodes that have not learned yet: at most
    nodes x 1 s x the rate of a connection. The windows are those of Redis' clock. Without Redis each node enforces
    the limit alone. `clock` is Unix seconds.
    """

    def __init__(
        self,
        url: str | None,
        *,
        prefix: str,
        per_window: int = POSTS_PER_10S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.is_degraded = False
        self._prefix = prefix
        self._redis = open_redis(url, connections=2) if url else None
        self._per_window = per_window
        self._clock = clock
        self._ahead_seconds = 0.0  # how much Redis' clock is ahead of ours
        self._tallies: dict[int, _Tally] = {}  # users who did something in this window; pruned by `share`
        self._task: asyncio.Task[None] | None = None

    def check(self, user_id: int, cost: int = 1) -> int:
        """Count `cost` for the user; 0 = allowed, else not counted and `retry_after_ms` until the window ends."""
        tally = self._tally(user_id)
        if tally.shared + tally.unshared + cost > self._per_window:
            return _milliseconds(WINDOW_SECONDS - self._now() % WINDOW_SECONDS)
        tally.unshared += cost
        return 0

    async def start(self) -> None:
        self._task = asyncio.create_task(self._share_forever(), name="user limits")

    async def stop(self) -> None:
        await end_tasks(self._task)
        if self._redis:
            await self._redis.aclose(close_connection_pool=True)

    async def share(self) -> None:
        """Tell Redis what was done here and learn what was done everywhere; forget windows that are over."""
        window = self._window()
        self._tallies = {user: tally for user, tally in self._tallies.items() if tally.window >= window}
        active = [(user, tally, tally.unshared) for user, tally in self._tallies.items() if tally.unshared]
        if not self._redis or not active:
            return
        try:
            for start in range(0, len(active), USERS_A_STEP):
                await self._exchange(self._redis, active[start : start + USERS_A_STEP])
            self.is_degraded = False
        except _NotShared as failure:
            if not self.is_degraded:
                logger.warning("User limits are kept per node until Redis is back: %s", failure)
            self.is_degraded = True

    async def _exchange(self, redis: Redis, active: list[tuple[int, _Tally, int]]) -> None:
        async with failing_as(_NotShared), redis.pipeline(transaction=False) as pipeline:
            pipeline.time()
            for user_id, tally, amount in active:
                key = f"{self._prefix}:rate:{user_id}:{tally.window}"
                pipeline.incrby(key, amount)
                pipeline.expire(key, 3 * WINDOW_SECONDS)
            (seconds, micros), *answers = await pipeline.execute()
        self._ahead_seconds = seconds + micros / 1_000_000 - self._clock()
        for (_, tally, amount), total in zip(active, answers[::2], strict=True):
            tally.shared, tally.unshared = total, tally.unshared - amount

    def _tally(self, user_id: int) -> _Tally:
        tally = self._tallies.get(user_id)
        if tally is None or tally.window != self._window():
            tally = self._tallies[user_id] = _Tally(self._window())
        return tally

    def _window(self) -> int:
        return int(self._now() // WINDOW_SECONDS)

    def _now(self) -> float:
        return self._clock() + self._ahead_seconds

    async def _share_forever(self) -> None:
        while True:
            await asyncio.sleep(SHARE_SECONDS)
            try:
                await self.share()
            except Exception:  # one bad second must not switch the shared limit off
                logger.exception("The counts of this second were not shared")


class _NotShared(Exception):
    """Redis did not take the counts, or did not say so: they are told again, perhaps twice, until the window ends."""


def _bucket(per_10s: int, clock: Callable[[], float]) -> TokenBucket:
    return TokenBucket(per_10s / WINDOW_SECONDS, per_10s, clock)


def _milliseconds(seconds: float) -> int:
    return math.ceil(seconds * 1000)
