"""Which lives of nodes have begun and ended since this node last looked."""

from collections.abc import Iterable

from chat.presence.board import Look

LOOKS_AT_A_NEWCOMER = 3  # one that has just begun a new life is still pinning its devices


class Neighbours:
    """Pure; knows incarnations by looks, and by answers that named them in between."""

    def __init__(self) -> None:
        self._seen: frozenset[str] = frozenset()
        self._met: set[str] = set()  # since the last look: they may end before the next
        self._newcomers: dict[str, int] = {}  # incarnation -> looks left

    def meet(self, incarnations: Iterable[str]) -> None:
        self._met.update(incarnations)

    def look(self, look: Look, *, own: str) -> frozenset[str]:
        """Take in who is there; returns who is not there any more."""
        gone, fresh = (self._seen | self._met) - look.alive, look.alive - self._seen
        self._seen, self._met = look.alive, set()
        self._newcomers.update(dict.fromkeys(fresh - {own}, LOOKS_AT_A_NEWCOMER))
        return frozenset(gone)

    def newcomers(self) -> list[str]:
        """Whose users are to be looked up at this look."""
        those = list(self._newcomers)
        self._newcomers = {incarnation: left - 1 for incarnation, left in self._newcomers.items() if left > 1}
        return those
