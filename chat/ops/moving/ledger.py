"""What an import has to remember of a file, on the disk and not in memory: a file may hold millions of lines."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from typing import Any
from uuid import UUID

from chat.ops.problem import Problem

REMEMBERED_PEOPLE = 20_000

TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE person (id INTEGER PRIMARY KEY, username TEXT UNIQUE, here INTEGER UNIQUE, is_new INTEGER);
CREATE TABLE talk (id INTEGER PRIMARY KEY, is_here INTEGER DEFAULT 0);
CREATE TABLE pair (low INTEGER, high INTEGER, PRIMARY KEY (low, high)) WITHOUT ROWID;
CREATE TABLE part (talk INTEGER, user INTEGER, PRIMARY KEY (talk, user)) WITHOUT ROWID;
CREATE TABLE place (talk INTEGER, seq INTEGER, PRIMARY KEY (talk, seq)) WITHOUT ROWID;
CREATE TABLE position (talk INTEGER, position INTEGER, PRIMARY KEY (talk, position)) WITHOUT ROWID;
CREATE TABLE said (client_id BLOB, sender INTEGER, PRIMARY KEY (client_id, sender)) WITHOUT ROWID;
CREATE TABLE html (talk INTEGER, seq INTEGER, html TEXT, PRIMARY KEY (talk, seq)) WITHOUT ROWID;
CREATE TABLE news (user INTEGER, talk INTEGER);
BEGIN;
"""


@contextmanager
def open_ledger() -> Iterator["Ledger"]:
    """A new one in a file without a name, which is gone at the end whatever happens."""
    # Whoever sends the news reads them in the thread of its event loop, while the thread that made this waits.
    with closing(sqlite3.connect("", isolation_level=None, check_same_thread=False)) as database:
        try:
            database.executescript(TABLES)
            yield Ledger(database)
        except sqlite3.OperationalError as error:
            raise Problem(f"Notes cannot be kept on the disk: {error}.", "make room in /var/tmp or TMPDIR.") from error


class Ledger:
    """Ids of people and conversations are those of the file, unless they are called `here`."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._known = lru_cache(REMEMBERED_PEOPLE)(self._look_up)

    def is_new_person(self, person: int, username: str) -> bool:
        """Note someone; False when the file has this id or name already. So do the other notes."""
        return self._add("person (id, username)", person, username)

    def is_new_talk(self, talk: int) -> bool:
        return self._add("talk (id)", talk)

    def is_new_pair(self, one: int, other: int) -> bool:
        return self._add("pair", *sorted((one, other)))

    def is_new_part(self, talk: int, person: int) -> bool:
        return self._add("part", talk, person)

    def is_new_place(self, talk: int, seq: int) -> bool:
        return self._add("place", talk, seq)

    def is_new_position(self, talk: int, position: int) -> bool:
        return self._add("position", talk, position)

    def is_new_message(self, client_id: UUID, sender: int) -> bool:
        return self._add("said", client_id.bytes, sender)

    def has_place(self, talk: int, seq: int) -> bool:
        return self._one("SELECT 1 FROM place WHERE talk = ? AND seq = ?", talk, seq) is not None

    def has_person(self, person: int) -> bool:
        return self._known(person) is not None

    def is_here_already(self, here: int) -> bool:
        """Whether somebody of the file is this user already."""
        return self._one("SELECT 1 FROM person WHERE here = ?", here) is not None

    def settle(self, person: int, here: int | None, *, is_new: bool) -> None:
        """Who of the file is which user; None for one who is yet to be made."""
        self._database.execute("UPDATE person SET here = ?, is_new = ? WHERE id = ?", (here, is_new, person))
        self._known.cache_clear()

    def here(self, person: int) -> int | None:
        """The user who is this person; None for one who is not made, or whom the file does not know."""
        return (self._known(person) or (None, True))[0]

    def is_new_here(self, person: int) -> bool:
        return bool((self._known(person) or (None, True))[1])

    def mark_here(self, talk: int) -> None:
        """This conversation is on the site already."""
        self._database.execute("UPDATE talk SET is_here = 1 WHERE id = ?", (talk,))

    def is_talk_here(self, talk: int) -> bool:
        return bool(self._one("SELECT is_here FROM talk WHERE id = ?", talk)[0])

    def keep_html(self, talk: int, seq: int, html: str) -> None:
        """What was rendered before the transaction in which others wait."""
        self._database.execute("INSERT INTO html VALUES (?, ?, ?)", (talk, seq, html))

    def html(self, talk: int, seq: int) -> str:
        """What was kept, or ""."""
        return str((self._one("SELECT html FROM html WHERE talk = ? AND seq = ?", talk, seq) or [""])[0])

    def note_news(self, user_here: int, talk_here: int) -> None:
        self._database.execute("INSERT INTO news VALUES (?, ?)", (user_here, talk_here))

    def news(self) -> Iterator[tuple[int, int]]:
        """Users who were here before, each with the conversations that they have now, user by user."""
        yield from self._database.execute("SELECT user, talk FROM news ORDER BY user, talk")

    def _look_up(self, person: int) -> tuple[int | None, bool] | None:
        row: tuple[int | None, bool] | None = self._one("SELECT here, is_new FROM person WHERE id = ?", person)
        return row

    def _one(self, statement: str, *values: Any) -> Any:
        return self._database.execute(statement, values).fetchone()

    def _add(self, table: str, *values: Any) -> bool:
        marks = ", ".join("?" * len(values))
        cursor = self._database.execute(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", values)  # noqa: S608
        return cursor.rowcount == 1
