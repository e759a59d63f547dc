"""Whom the devices of this node can see, and what they were last told about them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache


@dataclass(slots=True)
class _Seen:
    watchers: int = 0
    is_online: bool | None = None  # None: nobody has asked yet, so nobody was told anything
    incarnations: frozenset[str] | None = None  # None: online somewhere, we don't know where


@lru_cache(maxsize=256)
def _shared(incarnations: frozenset[str]) -> frozenset[str]:
    """The one object for equal sets: thousands of users are on the same few nodes."""
    return incarnations


class Watched:
    """Pure; a user is forgotten with the last watcher."""

    def __init__(self) -> None:
        self._users: dict[int, _Seen] = {}

    def __contains__(self, user_id: int) -> bool:
        return user_id in self._users

    def add(self, user_ids: Iterable[int]) -> None:
        for user_id in user_ids:
            self._users.setdefault(user_id, _Seen()).watchers += 1

    def remove(self, user_ids: Iterable[int]) -> None:
        for user_id in user_ids:
            if seen := self._users.get(user_id):
                seen.watchers -= 1
                if not seen.watchers:
                    del self._users[user_id]

    def is_online(self, user_id: int) -> bool:
        seen = self._users.get(user_id)
        return seen is not None and seen.is_online is True

    def learn(self, user_id: int, *, is_online: bool, incarnations: frozenset[str] | None = None) -> bool:
        """Keep what is known now; True when the watchers were told otherwise before."""
        seen = self._users.get(user_id)
        if seen is None:
            return False
        before, seen.is_online = seen.is_online, is_online
        seen.incarnations = None if incarnations is None else _shared(incarnations)
        return before is not None and before != is_online

    def on(self, incarnations: frozenset[str]) -> set[int]:
        """Who may have been online through one of these."""
        return {user_id for user_id, seen in self._users.items() if seen.is_online and _may_be_on(seen, incarnations)}

    def among(self, user_ids: Iterable[int]) -> set[int]:
        return {user_id for user_id in user_ids if user_id in self._users}

    def everyone(self) -> set[int]:
        return set(self._users)


def _may_be_on(seen: _Seen, incarnations: frozenset[str]) -> bool:
    return seen.incarnations is None or not seen.incarnations.isdisjoint(incarnations)
