"""The statements of the writing transaction, by hand: while they run, every other writer waits.

Django's ORM took six times as long for the same rows, most of it turning models into SQL (docs/decisions/log.md). What
a value looks like in the database is still Django's to say: `prepared` asks it, before the transaction begins.

No statement takes more steps than it must: between any two of them sqlite3 lets the interpreter go, and gets it back
from a busy event loop after a switch interval.
"""

# ruff: noqa: S608 - only parameter marks and column names are put into statements

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models.base import ModelState

from chat.log.changes import Post
from chat.models import Conversation, Message

INSERTED = [
    field for field in Message._meta.concrete_fields if field.name not in ("id", "conversation", "seq", "changed_seq")
]
VARYING = [
    index
    for name in ("sender", "client_id", "text", "html", "reply_to")
    for index, field in enumerate(INSERTED)
    if field.name == name
]
"""Where in a row the values are in which posts of one batch differ."""
COLUMNS = ", ".join(["conversation_id", "seq", "changed_seq", *(str(field.column) for field in INSERTED)])
ONE_ROW = f"({', '.join(['%s'] * (3 + len(INSERTED)))})"
ROWS_AT_ONCE = 1000
"""SQLite takes 32,766 parameters in one statement."""


@dataclass(slots=True)
class LockedConversation:
    """A conversation's row, held until the transaction ends."""

    pk: int
    kind: str
    title: str
    epoch: str
    head: int
    member_count: int
    members_version: int

    @property
    def is_group(self) -> bool:
        return self.kind == Conversation.Kind.GROUP


def prepared(message: Message) -> list[Any]:
    """The column values of a new message, but its conversation and place."""
    return [field.get_db_prep_save(field.pre_save(message, True), connection) for field in INSERTED]


class PostValues:
    """New posts and their column values: what all of a batch share is worked out once."""

    def __init__(self, at: datetime) -> None:
        blank = Message(sender_id=0, at=at)
        self._blank = vars(blank)
        self._shared = prepared(blank)
        self._is_uuid_native = connection.features.has_native_uuid_field

    def message(self, post: Post) -> Message:
        """What `Message(…)` makes of it, in a twentieth of the time."""
        message = Message.__new__(Message)
        vars(message).update(
            self._blank,
            _state=ModelState(),
            conversation_id=post.conversation,
            sender_id=post.user,
            client_id=post.client_id,
            text=post.text,
            html=post.html,
            reply_to=post.reply_to,
            reactions={},
            attachments=[],
        )
        return message

    def of(self, post: Message) -> list[Any]:
        """The same as `prepared(post)`, for a post of this batch."""
        values = self._shared.copy()
        for index, value in zip(
            VARYING, (post.sender_id, self.client_id(post.client_id), post.text, post.html, post.reply_to), strict=True
        ):
            values[index] = value
        return values

    def client_id(self, value: UUID) -> UUID | str:
        """As the database keeps it."""
        return value if self._is_uuid_native else value.hex


def lock_access_versions(users: Iterable[int]) -> dict[int, int]:
    """The `access_version` of each user, held as it is until the transaction ends; a user who is gone is missing."""
    return dict(_locked("id, access_version", "accounts_user", sorted(users), "FOR SHARE"))


def lock_conversations(ids: Iterable[int]) -> dict[int, LockedConversation]:
    """Rows locked in id order, so that two writers never wait for each other in a circle."""
    columns = "id, kind, title, epoch, head, member_count, members_version"
    rows = _locked(columns, "chat_conversation", sorted(ids), "FOR UPDATE")
    return {row[0]: LockedConversation(*row) for row in rows}


def _locked(columns: str, table: str, ids: Sequence[int], how: str) -> list[Any]:
    """The rows with these ids. SQLite, where one transaction locks everything, gives them as one value."""
    with connection.cursor() as cursor:
        if connection.features.has_select_for_update:
            cursor.execute(f"SELECT {columns} FROM {table} WHERE id IN ({_marks(ids)}) ORDER BY id {how}", ids)
            return list(cursor.fetchall())
        cursor.execute(f"SELECT json_group_array(json_array({columns})) FROM {table} WHERE id IN ({_marks(ids)})", ids)
        return list(orjson.loads(cursor.fetchone()[0]))


def repeated(client_ids: Sequence[Any]) -> list[int]:
    """The ids of the messages that carry one of these client ids (as the database keeps them)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM chat_message WHERE client_id IN ({_marks(client_ids)})", client_ids)
        return [row[0] for row in cursor.fetchall()]


def insert_messages(rows: Sequence[tuple[Message, list[Any]]]) -> None:
    """Insert new messages with their `prepared` values; each learns its id."""
    insert = _insert_into_sqlite if connection.vendor == "sqlite" else _insert_into_postgresql
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        values = [(message.conversation_id, message.seq, message.changed_seq, *rest) for message, rest in some]
        for (message, _), pk in zip(some, insert(values), strict=True):
            message.pk = pk


def _insert_into_sqlite(rows: Sequence[Sequence[Any]]) -> Sequence[int]:
    """The ids of the new rows: in one statement SQLite gives them one after the other."""
    insert = f"INSERT INTO chat_message ({COLUMNS}) VALUES {', '.join([ONE_ROW] * len(rows))}"
    with connection.cursor() as cursor:
        cursor.execute(insert, [value for row in rows for value in row])
        return range(cursor.lastrowid - len(rows) + 1, cursor.lastrowid + 1)


def _insert_into_postgresql(rows: Sequence[Sequence[Any]]) -> Sequence[int]:
    """The ids of the new rows, which go as one value: psycopg takes longer to find 16 marks a row than all the rest."""
    names = COLUMNS.split(", ")
    document = orjson.dumps([dict(zip(names, row, strict=True)) for row in rows], default=_in_json)
    types = ["bigint"] * 3 + [field.db_type(connection) for field in INSERTED]
    typed = ", ".join(f"{name} {kind}" for name, kind in zip(names, types, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO chat_message ({COLUMNS}) SELECT {COLUMNS} FROM json_to_recordset(%s::json) AS new ({typed})"
            " RETURNING conversation_id, seq, id",
            [document.decode()],
        )
        ids = {(conversation, seq): pk for conversation, seq, pk in cursor.fetchall()}
    return [ids[row[0], row[1]] for row in rows]


def _in_json(value: Any) -> Any:
    """What psycopg's wrapper of a JSON column's value holds."""
    return value.obj


def save_conversations(conversations: Iterable[LockedConversation]) -> None:
    """Write back what a batch moved."""
    rows = [(each.pk, each.head, each.title, each.member_count, each.members_version) for each in conversations]
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH moved (id, head, title, member_count, members_version) AS"
            f" (VALUES {', '.join(['(%s, %s, %s, %s, %s)'] * len(rows))})"
            " UPDATE chat_conversation SET head = moved.head, title = moved.title, member_count = moved.member_count,"
            " members_version = moved.members_version FROM moved WHERE chat_conversation.id = moved.id",
            [value for row in rows for value in row],
        )


def _marks(values: Sequence[Any]) -> str:
    return ", ".join(["%s"] * len(values))
