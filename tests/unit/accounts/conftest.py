"""People, browsers and an ear for `access_changed`, for the tests of accounts."""

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from accounts.signals import access_changed

from .people import MODEL_BACKEND, PASSWORD


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", "ann@example.com", PASSWORD, display_name="Ann")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", "bob@example.com", PASSWORD)


@pytest.fixture
def browser(ann: User) -> Client:
    client = Client()
    client.force_login(ann, backend=MODEL_BACKEND)
    return client


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """The user ids of every `access_changed` since the test began."""
    users: list[int] = []

    def listen(user_id: int, **_: object) -> None:
        users.append(user_id)

    access_changed.connect(listen)
    yield users
    access_changed.disconnect(listen)
