"""Ann and Bob in a group with the assistant."""

import pytest

from accounts.models import User
from accounts.programs import ensure_assistant
from chat.log.append import append_batch
from chat.log.creating import create_group
from chat.log.memory import Memory
from tests.unit.log.conftest import posted


@pytest.fixture
def people(db: None) -> list[User]:
    return [User.objects.create(username=name) for name in ("ann", "bob")]


@pytest.fixture
def group(people: list[User]) -> int:
    ann, bob = people
    return create_group(ann.pk, "Plans", [bob.pk, ensure_assistant().pk]).conversation


def say(conversation: int, *said: tuple[User, str]) -> None:
    append_batch([posted(conversation, user, text) for user, text in said], Memory())
