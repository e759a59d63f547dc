"""What one Redis should deliver, what it was asked for, and what it has confirmed; pure."""

from collections import Counter


class Subscriptions:
    """Tracks names through asking, confirmation and loss; says when what was missed is back."""

    def __init__(self) -> None:
        self.wanted: set[str] = set()
        self.confirmed: set[str] = set()
        self._changed: set[str] = set()
        self._asked: set[str] = set()
        self._unanswered: Counter[str] = Counter()
        self._missed: set[str] = set()
        self._is_resync_due = False

    def want(self, name: str) -> None:
        self.wanted.add(name)
        self._changed.add(name)

    def unwant(self, name: str) -> None:
        self.wanted.discard(name)
        self._missed.discard(name)
        self._changed.add(name)

    def miss(self, name: str) -> None:
        """Somebody already relies on `name`, though it is not confirmed: a resync is due once it is."""
        if name in self.wanted and name not in self.confirmed:
            self._missed.add(name)
            self._is_resync_due = True

    def lose_all(self) -> None:
        """The connection is gone, and every subscription with it."""
        self._missed |= self.confirmed & self.wanted
        self._is_resync_due = self._is_resync_due or bool(self._missed)
        self._changed = set(self.wanted)
        self.confirmed.clear()
        self._asked.clear()
        self._unanswered.clear()

    def take_requests(self) -> tuple[list[str], list[str]]:
        """The names to subscribe and to unsubscribe now; they count as asked from here on."""
        subscribe = sorted((self._changed & self.wanted) - self._asked)
        unsubscribe = sorted((self._changed & self._asked) - self.wanted)
        self._changed.clear()
        self._asked.update(subscribe)
        self._asked.difference_update(unsubscribe)
        self.confirmed.difference_update(unsubscribe)
        self._unanswered.update(subscribe)
        self._unanswered.update(unsubscribe)
        return subscribe, unsubscribe

    def answer(self, name: str) -> bool:
        """Redis has answered a request for `name`; True when `name` is confirmed by it.

        Answers come in the order of the requests, so only the last one outstanding tells how things stand.
        """
        self._unanswered[name] -= 1
        if self._unanswered[name] > 0:
            return False
        del self._unanswered[name]
        if name not in self._asked:
            return False
        self.confirmed.add(name)
        self._missed.discard(name)
        return True

    def take_resync(self) -> bool:
        """True once, when everything that was missed is confirmed again."""
        is_complete = self._is_resync_due and not self._missed
        self._is_resync_due = self._is_resync_due and not is_complete
        return is_complete
