"""Who of a file is who of this site: people by their username, the assistant as the assistant."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models.functions import Lower

from accounts.models import User
from chat.ops.moving.ledger import Ledger
from chat.ops.moving.records import Person

AT_ONCE = 500


class Matching:
    """Looks for people some hundred at a time; `new` counts those who are not here. Refuses by `refuse(line, why)`."""

    def __init__(self, ledger: Ledger, refuse: Callable[[int, str], Any]) -> None:
        self.new = 0
        self._ledger = ledger
        self._refuse = refuse
        self._waiting: list[tuple[int, Person]] = []

    def add(self, line: int, person: Person) -> None:
        self._waiting.append((line, person))
        if len(self._waiting) >= AT_ONCE:
            self.finish()

    def finish(self) -> None:
        """Everyone who was added is settled. Raises Problem."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        here = users_called(person.username for _, person in waiting)
        assistant = User.objects.filter(is_program=True).order_by("pk").first()
        for line, person in waiting:
            self._settle(line, person, assistant if person.is_program and assistant else _called(person, here))

    def _settle(self, line: int, person: Person, user: User | None) -> None:
        if user is None:
            self.new += 1
            self._ledger.settle(person.id, None, is_new=True)
            return
        if user.is_program != person.is_program:
            self._refuse(line, f"{person.username} is a program on one site and a person on the other")
        if self._ledger.is_here_already(user.pk):
            self._refuse(line, f"two users of the file would be {user.username} here")
        self._ledger.settle(person.id, user.pk, is_new=False)


def users_called(usernames: Iterable[str]) -> dict[str, User]:
    """Users by their names and, as at the log-in, by these without regard to capitals."""
    wanted = set(usernames)
    rows = User.objects.annotate(lower=Lower("username")).filter(lower__in={name.lower() for name in wanted})
    found: list[User] = list(rows.order_by("-pk"))
    return {user.username.lower(): user for user in found} | {user.username: user for user in found}


def _called(person: Person, here: dict[str, User]) -> User | None:
    return here.get(person.username) or here.get(person.username.lower())
