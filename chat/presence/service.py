"""What one node knows and says about who is online."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from uuid import uuid4

from chat.ending import end_tasks
from chat.presence.board import Board, BoardUnavailable, Card, Home, Info, Look, Moved, NodeBeat, Tempo
from chat.presence.neighbours import Neighbours
from chat.presence.roster import Roster
from chat.presence.watched import Watched

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
STOP_SECONDS = 2.0


class Presence:
    """Nothing here raises when the board is away: then this node answers with what it knows by itself.

    `watch`, then `online`: what `online` answers is what the watchers have been told, and `on_change(user_id, online)`
    is called on every later difference, in the event loop; it must not block. While the board is away, or has
    just come back and the other nodes may not have pinned their devices again, nobody is declared offline on its word.

    `arrive` and `depart` come in pairs, one pair per connection; both say whether their user's state changed, which
    the caller publishes as a hint to the nodes where the user can be seen; they call `hint`. `clock` is in monotonic
    seconds.
    """

    def __init__(
        self,
        board: Board,
        *,
        node: str,
        on_change: Callable[[int, bool], None] = lambda user_id, online: None,
        describe: Callable[[], Info] = dict,
        tempo: Tempo | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.on_change = on_change
        self.is_degraded = True  # until the first beat
        self._board = board
        self._node = node
        self._describe = describe
        self._tempo = tempo or Tempo()
        self._clock = clock
        self._incarnation = ""
        self._roster = Roster()
        self._watched = Watched()
        self._asking = asyncio.Lock()  # one question at a time, so that answers are learned in their order
        self._lost_track = True  # the board may not say what the roster says: begin a new life
        self._neighbours = Neighbours()
        self._hinted: set[int] = set()
        self._has_hints = asyncio.Event()
        self._wake = asyncio.Event()
        self._settled_at = self._recheck_at = self._refresh_at = clock()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self.beat()
        self._tasks = [
            asyncio.create_task(self._beat_forever(), name="presence beat"),
            asyncio.create_task(self._follow_hints(), name="presence hints"),
        ]

    async def stop(self) -> None:
        """Depart with everything at once; at most STOP_SECONDS."""
        await end_tasks(*self._tasks)
        self._tasks = []
        self._roster.clear()
        with suppress(BoardUnavailable, TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                await self._end_life()
        await self._board.close()

    async def arrive(self, user_id: int, device: str) -> bool:
        """A connection of the device is here; True when it made the user come online."""
        was_online = self._roster.holds(user_id) or self._watched.is_online(user_id)
        since_ms = time.time_ns() // 1_000_000
        self._roster.add(user_id, device, since_ms=since_ms)
        moved = await self._move(self._board.arrive, user_id, device, since_ms=since_ms)
        return not moved.was_online if moved else not was_online

    async def depart(self, user_id: int, device: str) -> bool:
        """A connection of the device has ended; True when that made the user go offline."""
        if not self._roster.remove(user_id, device):
            return False
        moved = await self._move(self._board.depart, user_id, device, since_ms=0)
        return moved.was_online and not moved.is_online if moved else not self._roster.holds(user_id)

    async def online(self, user_ids: Sequence[int]) -> set[int]:
        """Which of these users have a device online anywhere."""
        asked = set(user_ids)
        found = await self._found(asked)  # and no await below: answers are learned in the order of their questions
        answer = {user_id for user_id in asked if self._judge(user_id, found.get(user_id, []))}
        for user_id in self._watched.among(asked):
            self._learn(user_id, is_online=user_id in answer, homes=found.get(user_id))
        return answer

    async def devices_online(self, user_id: int) -> dict[str, str]:
        """Device id -> name of the node where it arrived last."""
        found = (await self._found({user_id})).get(user_id, [])
        by_arrival = sorted(found, key=lambda home: home.since_ms)
        return dict.fromkeys(self._roster.devices_of(user_id), self._node) | {
            home.device: home.node for home in by_arrival
        }

    async def nodes(self) -> list[NodeBeat]:
        """The living nodes, by name; only this one while the board is away."""
        with suppress(BoardUnavailable):
            if not self.is_degraded:
                return sorted(await self._board.nodes(), key=lambda beat: (beat.name, beat.incarnation))
        card = self._card()
        return [NodeBeat(card.name, self._incarnation, card.connections, datetime.now(UTC), card.info)]

    def watch(self, user_ids: Iterable[int]) -> None:
        """A local device can see these users; counted, so that every `watch` needs its `unwatch`."""
        self._watched.add(user_ids)

    def unwatch(self, user_ids: Iterable[int]) -> None:
        self._watched.remove(user_ids)

    def hint(self, user_id: int) -> None:
        """Another node says that something changed: look again soon, together with the other hints."""
        if user_id in self._watched:
            self._hinted.add(user_id)
            self._has_hints.set()

    async def follow_hints(self) -> None:
        """Look at everyone hinted at since the last time."""
        self._has_hints.clear()
        hinted, self._hinted = self._hinted, set()
        await self.online(list(hinted))

    async def beat(self) -> None:
        """Say that this node lives, see who else does, and tell the watchers what follows from it."""
        try:
            look = await self._live_on()
            await self._notice(look)
            await self._refresh()
            await self._reap(look.dead)
        except BoardUnavailable as failure:
            self._degrade(failure)

    async def _live_on(self) -> Look:
        is_first, is_lost = not self._incarnation, self._lost_track
        if not is_lost:
            look = await self._board.beat(self._incarnation, self._card())
            is_lost = not look.is_known
        if is_lost:
            look = await self._begin_life()
        if not is_first and (is_lost or self.is_degraded):
            self._settle()
        self.is_degraded = False
        return look

    async def _begin_life(self) -> Look:
        async with self._asking:
            old, self._incarnation = self._incarnation, str(uuid4())
            try:
                look = await self._board.join(self._incarnation, self._card())
                self._lost_track = False
                await self._board.pin(self._roster.homes(incarnation=self._incarnation, node=self._node))
                await self._clear_away(old)
            except BoardUnavailable:
                self._lost_track = True
                raise
            return look

    async def _end_life(self) -> None:
        async with self._question():
            self.is_degraded = self._lost_track = True
            await self._clear_away(self._incarnation)

    async def _clear_away(self, incarnation: str) -> None:
        await self._board.retire(incarnation)
        await self._reap({incarnation})

    def _settle(self) -> None:
        """The board is back, perhaps empty: believe at once who is there, and later who is not."""
        self._recheck_at = self._clock()
        self._settled_at = self._clock() + self._tempo.dead_after_seconds

    def _degrade(self, failure: BoardUnavailable) -> None:
        if not self.is_degraded:
            logger.warning("Presence answers only for this node until the board is back: %s", failure)
        self.is_degraded = True

    async def _notice(self, look: Look) -> None:
        suspects = self._watched.on(self._neighbours.look(look, own=self._incarnation))
        for newcomer in self._neighbours.newcomers():
            suspects |= self._watched.among(await self._board.users_on(newcomer))
        if self._clock() >= self._recheck_at:
            suspects = self._watched.everyone()
            is_settled = self._clock() >= self._settled_at
            self._recheck_at = self._clock() + self._tempo.recheck_seconds if is_settled else self._settled_at
        if suspects:
            await self.online(list(suspects))

    async def _refresh(self) -> None:
        if self._clock() < self._refresh_at:
            return
        self._refresh_at = self._clock() + self._tempo.refresh_seconds
        async with self._question():
            await self._board.pin(self._roster.homes(incarnation=self._incarnation, node=self._node))

    async def _reap(self, incarnations: Iterable[str]) -> None:
        for incarnation in incarnations:
            while not await self._board.reap(incarnation):
                continue

    async def _move(
        self, step: Callable[[int, Home], Awaitable[Moved]], user_id: int, device: str, *, since_ms: int
    ) -> Moved | None:
        moved = None
        try:
            async with self._question():
                moved = await step(user_id, Home(self._incarnation, device, self._node, since_ms))
        except BoardUnavailable as failure:
            self._degrade(failure)
        finally:
            if moved is None:  # also when cancelled: the board may say the opposite of the roster
                self._lost_track = True
        self._learn(user_id, is_online=self._roster.holds(user_id) or (moved is not None and moved.is_online))
        if moved and not moved.is_alive:
            self._wake.set()
        return moved

    async def _found(self, user_ids: set[int]) -> dict[int, list[Home]]:
        try:
            async with self._question():
                return await self._board.homes(user_ids, asking=self._incarnation)
        except BoardUnavailable as failure:
            self._degrade(failure)
            return {}

    @asynccontextmanager
    async def _question(self) -> AsyncIterator[None]:
        """One at a time; none while the board is away, so that nobody queues behind a time-out."""
        if not self.is_degraded:
            async with self._asking:
                if not self.is_degraded:
                    yield
                    return
        raise BoardUnavailable("waiting for the next beat")

    def _judge(self, user_id: int, homes: list[Home]) -> bool:
        if homes or self._roster.holds(user_id):
            return True
        is_absence_trusted = not self.is_degraded and self._clock() >= self._settled_at
        return not is_absence_trusted and self._watched.is_online(user_id)

    def _learn(self, user_id: int, *, is_online: bool, homes: list[Home] | None = None) -> None:
        incarnations = frozenset(home.incarnation for home in homes) if homes else None
        self._neighbours.meet(incarnations or ())
        if not self._watched.learn(user_id, is_online=is_online, incarnations=incarnations):
            return
        try:
            self.on_change(user_id, is_online)
        except Exception:  # a bug of the listener must not stop the heart of this node
            logger.exception("on_change failed for user %s", user_id)

    def _card(self) -> Card:
        return Card(self._node, self._roster.connections, dict(self._describe()))

    async def _beat_forever(self) -> None:
        while True:
            pause = min(RETRY_SECONDS, self._tempo.beat_seconds) if self.is_degraded else self._tempo.beat_seconds
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()
            await self._survive(self.beat)

    async def _follow_hints(self) -> None:
        while True:
            await self._has_hints.wait()
            await asyncio.sleep(self._tempo.gather_hints_seconds)
            await self._survive(self.follow_hints)

    async def _survive(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except Exception:  # a node whose heart stops is declared dead although it lives
            logger.exception("A step of presence failed")
