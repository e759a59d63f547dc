"""Fills an empty database for a benchmark: users with open sessions, and the conversations that they are in."""

from collections.abc import Sequence
from datetime import timedelta
from string import ascii_lowercase, digits
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import User
from benchmarks.systems.messages import add_past
from chat.log.creating import create_group

KEY_CHARACTERS = ascii_lowercase + digits


def cookie_of(user: User) -> Session:
    """A session as a login leaves it behind."""
    store = SessionStore()
    claim = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    expires = timezone.now() + timedelta(days=1)
    return Session(
        session_key=get_random_string(32, KEY_CHARACTERS), session_data=store.encode(claim), expire_date=expires
    )


def make_blank() -> None:
    """Every table, and nothing in it."""
    call_command("migrate", verbosity=0)
    call_command("flush", verbosity=0, interactive=False)
    connection.close()


def fill(users: int, rooms: Sequence[Sequence[int]], pasts: Sequence[int] = ()) -> dict[str, Any]:
    """`rooms` lists the members of each conversation by their number, 0 to `users` - 1, `pasts` its messages."""
    with transaction.atomic():
        password = make_password(None)
        User.objects.bulk_create(User(username=f"user{number}", password=password) for number in range(users))
        people = list(User.objects.order_by("pk"))
        sessions = [cookie_of(user) for user in people]
        Session.objects.bulk_create(sessions)
        conversations = [
            create_group(people[room[0]].pk, f"Room {number}", [people[each].pk for each in room[1:]]).conversation
            for number, room in enumerate(rooms)
        ]
        for conversation, messages in zip(conversations, pasts, strict=False):
            add_past(conversation, messages)
    connection.close()  # the last one to leave SQLite moves the log into the file
    return {"cookies": [each.session_key for each in sessions], "conversations": conversations}
