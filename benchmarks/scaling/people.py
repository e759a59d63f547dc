"""Who writes while constants are measured, where, and what."""

from collections.abc import Sequence
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from chat.actions.marks import Mark
from chat.log.changes import Post
from chat.log.creating import create_group
from chat.wire import codec, events
from chat.wire.committed import Committed

TEXT = ("the five boxing wizards jump quickly and pack my box with five dozen liquor jugs " * 2)[:100]
ROOM, ROOMS = 60, 30


def people() -> tuple[list[User], list[int]]:
    users = User.objects.bulk_create([User(username=f"user{number}") for number in range(ROOM)])
    others = [user.pk for user in users[1:]]
    return users, [create_group(users[0].pk, f"Room {number}", others).conversation for number in range(ROOMS)]


def posts(users: list[User], rooms: Sequence[int], size: int) -> list[Post]:
    return [Post(rooms[n % len(rooms)], users[n % ROOM].pk, client_id=uuid4(), text=TEXT) for n in range(size)]


def marks(rooms: list[int], users: list[User], number: int) -> list[Mark]:
    """Drafts, for a read position only goes forward, and as far as the head; both are one UPDATE of the same row."""
    return [Mark(room, users[0].pk, draft=f"draft {number}") for room in rooms]


def committed(position: int) -> Committed:
    body = codec.encode(
        events.message(
            conversation=7, seq=position, changed_seq=position, id=position, kind="text", sender_id=1,
            sender_name="Ann", client_id=uuid4(), text=TEXT, html="", at=timezone.now(), edited_at=None,
            deleted=False, reply_to=None, reactions={}, attachments=[], data=None,
        )
    )  # fmt: skip
    return Committed(7, "e", position, body)
