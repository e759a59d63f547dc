"""The board of a single process: for tests and for a server without Redis."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from chat.presence.board import BoardUnavailable, Card, Home, Look, Moved, NodeBeat, Tempo


class MemoryBoard:
    """Shared by every `Presence` of the process that is given the same board; `clock` is in seconds."""

    def __init__(self, *, tempo: Tempo | None = None, clock: Callable[[], float] = time.time) -> None:
        self._dead_after_seconds = (tempo or Tempo()).dead_after_seconds
        self._clock = clock
        self._beats: dict[str, float] = {}
        self._cards: dict[str, Card] = {}
        self._homes: dict[int, dict[tuple[str, str], Home]] = defaultdict(dict)

    async def join(self, incarnation: str, card: Card) -> Look:
        self._beats[incarnation] = self._clock()
        self._cards[incarnation] = card
        return self._look(is_known=True)

    async def beat(self, incarnation: str, card: Card) -> Look:
        if not self._is_alive(incarnation):
            return self._look(is_known=False)
        return await self.join(incarnation, card)

    async def retire(self, incarnation: str) -> None:
        if incarnation in self._beats:
            self._beats[incarnation] = float("-inf")

    async def reap(self, incarnation: str) -> bool:
        if self._is_alive(incarnation):
            return True
        for user_id in await self.users_on(incarnation):
            for key in [key for key in self._homes[user_id] if key[0] == incarnation]:
                self._unpin(user_id, key)
        self._beats.pop(incarnation, None)
        self._cards.pop(incarnation, None)
        return True

    async def pin(self, homes: Sequence[tuple[int, Home]]) -> None:
        for user_id, home in homes:
            self._homes[user_id][home.incarnation, home.device] = home

    async def arrive(self, user_id: int, home: Home) -> Moved:
        was_online = self._is_online(user_id)
        if not self._is_alive(home.incarnation):
            return Moved(was_online, was_online, is_alive=False)
        await self.pin([(user_id, home)])
        return Moved(was_online, is_online=True, is_alive=True)

    async def depart(self, user_id: int, home: Home) -> Moved:
        was_online = self._is_online(user_id)
        self._unpin(user_id, (home.incarnation, home.device))
        return Moved(was_online, self._is_online(user_id), self._is_alive(home.incarnation))

    async def homes(self, user_ids: Iterable[int], *, asking: str | None = None) -> dict[int, list[Home]]:
        if asking is not None and not self._is_alive(asking):
            raise BoardUnavailable("the board does not know who asks")
        found = {user_id: self._living(user_id) for user_id in user_ids}
        return {user_id: homes for user_id, homes in found.items() if homes}

    async def users_on(self, incarnation: str) -> set[int]:
        return {user_id for user_id, homes in self._homes.items() if any(key[0] == incarnation for key in homes)}

    async def nodes(self) -> list[NodeBeat]:
        return [self._node(incarnation) for incarnation in self._beats if self._is_alive(incarnation)]

    async def close(self) -> None:
        """Nothing to close: the board belongs to the process."""

    def _node(self, incarnation: str) -> NodeBeat:
        card = self._cards[incarnation]
        last_beat = datetime.fromtimestamp(self._beats[incarnation], UTC)
        return NodeBeat(card.name, incarnation, card.connections, last_beat, card.info)

    def _look(self, *, is_known: bool) -> Look:
        alive = frozenset(filter(self._is_alive, self._beats))
        return Look(is_known, alive, frozenset(self._beats) - alive)

    def _is_alive(self, incarnation: str) -> bool:
        return self._beats.get(incarnation, float("-inf")) > self._clock() - self._dead_after_seconds

    def _is_online(self, user_id: int) -> bool:
        return bool(self._living(user_id))

    def _living(self, user_id: int) -> list[Home]:
        return [home for home in self._homes.get(user_id, {}).values() if self._is_alive(home.incarnation)]

    def _unpin(self, user_id: int, key: tuple[str, str]) -> None:
        homes = self._homes.get(user_id, {})
        homes.pop(key, None)
        if not homes:
            self._homes.pop(user_id, None)
