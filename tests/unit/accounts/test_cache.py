"""The cache in front of sessions and throttles, with Redis away."""

import socket
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User

from .people import PASSWORD


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def without_redis(settings: Settings):
    location = f"redis://127.0.0.1:{closed_port()}/0#{uuid4()}"
    quick = {"socket_connect_timeout": 0.2, "socket_timeout": 0.2}
    settings.CACHES = {
        "default": {"BACKEND": "accounts.cache.SteadyCache", "LOCATION": location, "OPTIONS": quick},
        "sessions": {"BACKEND": "accounts.cache.SessionCache", "LOCATION": location, "OPTIONS": quick},
    }
    settings.SESSION_CACHE_ALIAS = "sessions"


def test_people_log_in_and_out_without_redis(without_redis: None, ann: User):
    client = Client()
    client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})
    assert client.get("/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302


def test_attempts_are_counted_without_redis(without_redis: None, ann: User):
    for _ in range(5):
        Client().post("/accounts/login/", {"login": "ann", "password": "wrong"})
    client = Client()
    client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})
    assert client.get("/").status_code == 302


def test_a_deleted_session_cannot_come_back_from_this_nodes_memory(without_redis: None, ann: User, browser: Client):
    from django.contrib.sessions.models import Session

    assert browser.get("/").status_code == 200
    Session.objects.all().delete()
    assert browser.get("/").status_code == 302


def test_sessions_are_cached_for_a_minute_at_most(without_redis: None):
    from django.core.cache import caches

    assert [caches["sessions"].get_backend_timeout(seconds) for seconds in (5, 1_209_600, None)] == [5, 60, 60]
