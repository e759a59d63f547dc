"""People and conversations to write about."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import User
from chat.log.append import Result, append_batch
from chat.log.changes import Change, Post
from chat.log.creating import create_direct, create_group
from chat.log.memory import Memory
from chat.log.outcome import Appended
from chat.wire.errors import ChatError


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create(username="ann", display_name="Ann")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create(username="bob", display_name="Bob")


@pytest.fixture
def carol(db: None) -> User:
    return User.objects.create(username="carol", display_name="Carol")


@pytest.fixture
def eve(db: None) -> User:
    """A stranger to every conversation here."""
    return User.objects.create(username="eve", display_name="Eve")


@pytest.fixture
def group(ann: User, bob: User) -> int:
    """Ann's group with Bob; its first position is taken by the message that says so."""
    return create_group(ann.pk, "Plans", [bob.pk]).conversation


@pytest.fixture
def direct(ann: User, bob: User) -> int:
    return create_direct(ann.pk, bob.pk).conversation


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture(params=["at once", "late"])
def append(request: pytest.FixtureRequest, memory: Memory) -> Callable[..., list[Result]]:
    """Append changes in one batch, as one node does; also where all but the first come while it waits for its turn."""
    return lambda *changes: append_batch(*gathered(changes, memory, is_late=request.param == "late"))


def gathered(changes: Sequence[Change], memory: Memory, *, is_late: bool) -> tuple[Any, ...]:
    """What `append_batch` takes."""
    there, late = list(changes[:1] if is_late else changes), list(changes[1:] if is_late else ())

    def take_latecomers() -> list[Change]:
        assert connection.in_atomic_block
        taken = late.copy()
        there.extend(taken)
        late.clear()
        return taken

    return there, memory, take_latecomers


def posted(conversation: int, user: User, text: str = "hello", reply_to: int | None = None) -> Post:
    return Post(conversation, user.pk, uuid4(), text, reply_to=reply_to)


def place(result: Result) -> tuple[int, int]:
    """(seq, position) of what was appended."""
    assert isinstance(result, Appended), result
    return result.seq, result.changed_seq


def refusal(result: Result) -> str:
    assert isinstance(result, ChatError), result
    return result.code.value


__all__ = ["Change", "place", "posted", "refusal"]
