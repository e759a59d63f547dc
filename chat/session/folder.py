"""Folds what users did into their sessions, behind the delivery path and within a share of the event loop."""

import asyncio
import heapq
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from weakref import WeakValueDictionary

from chat.database import Database
from chat.ending import end_tasks
from chat.session import sql
from chat.session.acts import Act, Active, Connected, Counted, Drafted, Left, Opened, Posted, Read
from chat.session.bounds import DEVICES
from chat.session.checkpoints import Checkpoints, Claimed, StoreAway, Unreadable
from chat.session.gathering import Gathering
from chat.session.state import SessionState
from chat.wire.errors import ChatError

STEP_SECONDS = 3.0
"""At most one step for each user in this time."""
SHARE = 0.1
"""Of the event loop's time, for folding."""
LONGEST_PAUSE_SECONDS = 1.0
CLAIMED_SECONDS = 0.05
AWAY_SECONDS = 3.0
ANCHOR_SECONDS = 60.0
ANCHOR_POSTS = 1000
"""The anchor in SQL is never further behind than this, which bounds what a restore has to count."""
MOST_USERS = 20_000
FLUSHED_TOGETHER = 4

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Waiting:
    """What is to be folded for one user, not before `due`; the oldest of it is of `since` (monotonic seconds)."""

    due: float
    since: float = field(default_factory=time.monotonic)
    gathering: Gathering = field(default_factory=Gathering)
    is_stale: bool = False
    needs_anchor: bool = False


@dataclass(slots=True)
class Pace:
    """When a user was last folded and anchored here (monotonic seconds), in which session, from which devices."""

    session_id: str = ""
    devices: dict[str, Connected] = field(default_factory=dict)
    folded: float = float("-inf")
    anchored: float = float("-inf")
    posts: int = 0


class Folder:
    """One task for each node that folds users in turn; `flush` folds at once."""

    def __init__(self, database: Database, checkpoints: Checkpoints, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._clock = clock
        self._waiting: dict[int, Waiting] = {}
        self._turns: list[tuple[float, int]] = []
        self._paces: OrderedDict[int, Pace] = OrderedDict()
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._draining = asyncio.Semaphore(FLUSHED_TOGETHER)
        self._hurrying = asyncio.Lock()
        self._hurry_after = 0.0
        self._noted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.folds = 0
        self.failures = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._fold_in_turn(), name="session-folder")

    async def stop(self) -> None:
        await end_tasks(self._task)

    @property
    def users_waiting(self) -> int:
        return len(self._waiting)

    @property
    def oldest_seconds(self) -> float:
        """For how long the oldest act has been waiting; 0 without any."""
        now = time.monotonic()
        return max((now - each.since for each in self._waiting.values()), default=0.0)

    def waiting_acts(self, user_id: int) -> list[Act]:
        waiting = self._waiting.get(user_id)
        return waiting.gathering.acts() if waiting else []

    def enter(self, user_id: int, session_id: str) -> None:
        """Say to which session the acts of a user belong, so that no query has to."""
        self._pace_of(user_id).session_id = session_id

    def note(self, user_id: int, act: Act) -> None:
        waiting = self._waiting_of(user_id)
        waiting.gathering.add(act)
        if isinstance(act, Read | Drafted | Opened):
            waiting.gathering.add(Active(self._clock()))
        if isinstance(act, Posted):
            self._pace_of(user_id).posts += 1
        if isinstance(act, Connected | Left):
            waiting.needs_anchor = True
            self._keep_device(user_id, act)

    def mark_stale(self, user_id: int) -> None:
        """The next step starts from SQL, not from the stored checkpoint."""
        self._waiting_of(user_id).is_stale = True

    def forget(self, user_id: int) -> None:
        self._waiting.pop(user_id, None)
        self._paces.pop(user_id, None)

    async def flush(self, user_ids: Iterable[int] | None, within_seconds: float) -> None:
        """Fold these users before their turn, or all as fast as it goes; what is not done in time stays noted."""
        if user_ids is None:
            flushing = [self._drain(user_id) for user_id in list(self._waiting)]
        else:
            flushing = [self._hurry(user_id) for user_id in user_ids]
        try:
            async with asyncio.timeout(within_seconds):
                await asyncio.gather(*flushing)
        except TimeoutError:
            logger.warning("Not every session was saved in time; SQL has the rest.")

    def _keep_device(self, user_id: int, act: Connected | Left) -> None:
        """A session that has to start again from SQL knows no device; those that are here come from this."""
        devices = self._pace_of(user_id).devices
        devices.pop(act.device, None)
        if isinstance(act, Connected):
            devices[act.device] = act
        if len(devices) > DEVICES:
            del devices[next(iter(devices))]

    async def _drain(self, user_id: int) -> None:
        async with self._draining:
            await self._fold_now(user_id)

    async def _hurry(self, user_id: int) -> None:
        """When a thousand devices leave at once, their sessions still use no more than a share of the loop."""
        async with self._hurrying:
            await asyncio.sleep(max(0.0, self._hurry_after - time.monotonic()))
            began = time.monotonic()
            await self._fold_now(user_id)
            self._hurry_after = time.monotonic() + _pause_after(time.monotonic() - began)

    async def _fold_now(self, user_id: int) -> None:
        if waiting := self._waiting.get(user_id):
            waiting.needs_anchor = True
        while not await self._fold(user_id, retry_seconds=CLAIMED_SECONDS):  # noqa: ASYNC110 - another node is at it
            await asyncio.sleep(CLAIMED_SECONDS)

    async def _fold_in_turn(self) -> None:
        while True:
            user_id = await self._next_user()
            began = time.monotonic()
            await self._fold(user_id, retry_seconds=CLAIMED_SECONDS)
            await asyncio.sleep(_pause_after(time.monotonic() - began))

    async def _next_user(self) -> int:
        while True:
            while self._turns and not self._is_current(*self._turns[0]):
                heapq.heappop(self._turns)
            if self._turns and self._turns[0][0] <= time.monotonic():
                return heapq.heappop(self._turns)[1]
            await self._sleep_until(self._turns[0][0] if self._turns else None)

    def _is_current(self, due: float, user_id: int) -> bool:
        waiting = self._waiting.get(user_id)
        return waiting is not None and waiting.due == due

    async def _sleep_until(self, due: float | None) -> None:
        self._noted.clear()
        try:
            async with asyncio.timeout(None if due is None else max(0.0, due - time.monotonic())):
                await self._noted.wait()
        except TimeoutError:
            return

    async def _fold(self, user_id: int, *, retry_seconds: float) -> bool:
        """Fold what is waiting for a user; False when another node is at it. What cannot be folded waits on."""
        async with self._locks.setdefault(user_id, asyncio.Lock()):
            waiting = self._waiting.pop(user_id, None)
            if waiting is None:
                return True
            again: float | None = AWAY_SECONDS
            try:
                await self._step(user_id, waiting)
                again = None
            except Claimed:
                again = retry_seconds
            except (StoreAway, ChatError):
                again = AWAY_SECONDS
            except Exception:
                self.failures += 1
                again = None
                logger.exception("The session of user %s could not be folded; SQL has the truth.", user_id)
            finally:
                if again is not None:
                    self._wait_again(user_id, waiting, after_seconds=again)
            return again != retry_seconds

    def _wait_again(self, user_id: int, earlier: Waiting, *, after_seconds: float) -> None:
        later = self._waiting.pop(user_id, None)
        waiting = self._waiting_of(user_id, due=time.monotonic() + after_seconds)
        waiting.since = earlier.since
        waiting.gathering = earlier.gathering
        waiting.gathering.add_all(later.gathering.acts() if later else ())
        waiting.is_stale = earlier.is_stale or (later is not None and later.is_stale)
        waiting.needs_anchor = earlier.needs_anchor or (later is not None and later.needs_anchor)

    async def _step(self, user_id: int, waiting: Waiting) -> None:
        pace = self._pace_of(user_id)
        if waiting.needs_anchor or self._is_anchor_due(pace):
            waiting.gathering.add_all(await self._anchored(user_id, waiting.gathering.acts()))
            waiting.needs_anchor, pace.anchored, pace.posts = False, time.monotonic(), 0
        if not self._checkpoints.is_open:
            raise StoreAway
        if not await self._fold_into_checkpoint(user_id, pace, waiting):
            await self._fold_into_seed(user_id, pace, waiting.gathering.acts())
        self.folds += 1
        pace.folded = time.monotonic()

    def _is_anchor_due(self, pace: Pace) -> bool:
        return pace.posts >= ANCHOR_POSTS or time.monotonic() - pace.anchored >= ANCHOR_SECONDS

    async def _anchored(self, user_id: int, acts: list[Act]) -> list[Act]:
        """Move the anchor in SQL forward; the count that it has now is folded too."""
        settled = await self._database.read(sql.settled_count, user_id, self._clock())
        if settled is None:
            return []
        times = [act.at for act in acts if isinstance(act, Connected | Left | Posted | Active)]
        opened = [act.conversation for act in acts if isinstance(act, Opened)]
        update = sql.AnchorUpdate(
            user_id,
            last_active_at=max(times, default=datetime.min.replace(tzinfo=UTC)),
            open_conversation=opened[-1] if opened else None,
            message_count=settled[0],
            counted_to=settled[1],
        )
        await self._database.write_behind(sql.save_anchor, update)
        return [Counted(*settled)]

    async def _fold_into_checkpoint(self, user_id: int, pace: Pace, waiting: Waiting) -> bool:
        if waiting.is_stale or not pace.session_id:
            return False
        try:
            return await self._checkpoints.fold(user_id, waiting.gathering.acts(), session_id=pace.session_id)
        except Unreadable:
            return False

    async def _fold_into_seed(self, user_id: int, pace: Pace, acts: list[Act]) -> None:
        """Start from SQL, unless the store holds the session of which this node did not know."""
        seed = await self._database.read(sql.seed_of, user_id)
        if seed is None:
            return
        is_other = pace.session_id != seed["session_id"]
        pace.session_id = seed["session_id"]
        if is_other and await self._folded_into_other(user_id, pace, acts):
            return
        await self._seed(user_id, [*pace.devices.values(), *acts], seed)

    async def _folded_into_other(self, user_id: int, pace: Pace, acts: list[Act]) -> bool:
        return await self._fold_into_checkpoint(user_id, pace, Waiting(due=0.0, gathering=Gathering(acts)))

    async def _seed(self, user_id: int, acts: list[Act], seed: SessionState) -> None:
        await self._checkpoints.forget(user_id)  # a damaged key would refuse to be written over
        await self._checkpoints.fold(user_id, acts, session_id=seed["session_id"], seed=seed)

    def _waiting_of(self, user_id: int, *, due: float | None = None) -> Waiting:
        waiting = self._waiting.get(user_id)
        if waiting is None:
            due = max(time.monotonic(), self._pace_of(user_id).folded + STEP_SECONDS) if due is None else due
            waiting = self._waiting[user_id] = Waiting(due)
            heapq.heappush(self._turns, (due, user_id))
            self._noted.set()
            if len(self._waiting) > MOST_USERS:
                del self._waiting[next(iter(self._waiting))]
        return waiting

    def _pace_of(self, user_id: int) -> Pace:
        pace = self._paces.setdefault(user_id, Pace())
        self._paces.move_to_end(user_id)
        if len(self._paces) > MOST_USERS:
            self._paces.popitem(last=False)
        return pace


def _pause_after(spent_seconds: float) -> float:
    """How long to leave the loop to others after folding for some time."""
    return min(spent_seconds / SHARE - spent_seconds, LONGEST_PAUSE_SECONDS)
