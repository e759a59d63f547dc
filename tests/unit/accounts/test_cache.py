"""The cache in front of sessions and throttles, with Redis away."""

import json
import socket
from uuid import uuid4

import pytest
from django.contrib.sessions.backends.cached_db import KEY_PREFIX
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts import cache as cache_module
from accounts.cache import SESSION_SECONDS
from accounts.devices import register_device, revoke_device
from accounts.models import User
from chat.ops.redis_server import RedisServer

from .people import PASSWORD


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def caches_at(location: str) -> dict[str, dict[str, object]]:
    """As in the settings of a site with Redis, with less patience."""
    shared = {
        "LOCATION": location,
        "KEY_PREFIX": "distchat",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5, "retry": Retry(NoBackoff(), 0)},
    }
    return {
        "default": {"BACKEND": "accounts.cache.SteadyCache", **shared},
        "sessions": {"BACKEND": "accounts.cache.SessionCache", **shared},
    }


@pytest.fixture
def without_redis(settings: Settings) -> None:
    settings.CACHES = caches_at(f"redis://127.0.0.1:{closed_port()}/0")
    settings.SESSION_CACHE_ALIAS = "sessions"
    caches["default"].clear()  # the memory of an earlier test on the same port


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
    assert browser.get("/").status_code == 200
    Session.objects.all().delete()
    assert browser.get("/").status_code == 302


def test_sessions_are_cached_for_a_minute_at_most(without_redis: None):
    assert [caches["sessions"].get_backend_timeout(seconds) for seconds in (5, 1_209_600, None)] == [5, 60, 60]


@pytest.fixture
def with_redis(settings: Settings, redis_server: RedisServer) -> Redis:
    settings.CACHES = caches_at(redis_server.url)
    settings.SESSION_CACHE_ALIAS = "sessions"
    return Redis.from_url(redis_server.url)


def test_a_session_is_kept_in_redis_as_json_and_not_for_long(with_redis: Redis, browser: Client):
    key = f"distchat:1:{KEY_PREFIX}{browser.session.session_key}"
    assert browser.get("/").status_code == 200
    assert json.loads(with_redis.get(key))["_auth_user_id"] == str(browser.session["_auth_user_id"])
    assert 0 < with_redis.ttl(key) <= SESSION_SECONDS


def test_a_revoked_device_is_out_of_the_shared_cache(
    with_redis: Redis,
    ann: User,
    browser: Client,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
):
    assert browser.get("/").status_code == 200
    device = register_device(ann, uuid4(), session_key=browser.session.session_key)
    with django_capture_on_commit_callbacks(execute=True):
        revoke_device(ann, device)
    assert with_redis.keys(f"*{device.session_key}*") == []
    assert browser.get("/").status_code == 302


def test_values_come_back_as_they_went_in(with_redis: Redis):
    values = {"text": "键", "number": 7, "yes": True, "list": [1.5, None], "dict": {"a": "b"}}
    caches["default"].set_many(values)
    assert caches["default"].get_many(values) == values
    assert caches["default"].incr("number") == 8
    assert caches["default"].add("text", "other") is False
    assert caches["default"].get("missing", "default") == "default"


def test_clearing_the_cache_spares_what_else_lives_in_that_redis(with_redis: Redis):
    with_redis.set("presence", "x")
    caches["default"].clear()
    assert with_redis.get("presence") == b"x"


def test_it_is_used_again_after_redis_comes_back(with_redis: Redis, redis_server: RedisServer):
    cache = caches["default"]
    redis_server.kill()
    cache.set("while_away", "local")
    assert cache.get("while_away") == "local"
    redis_server.start()
    cache_module._paused_until.clear()
    cache.set("back", "shared")
    assert json.loads(with_redis.get("distchat:1:back")) == "shared"
