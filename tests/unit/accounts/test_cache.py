"""The cache behind the throttles, with Redis there and away."""

import json
import socket

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client
from pytest_django import Settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from accounts import cache as cache_module
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
    return {"default": {"BACKEND": "accounts.cache.SteadyCache", **shared}}


@pytest.fixture
def without_redis(settings: Settings) -> None:
    settings.CACHES = caches_at(f"redis://127.0.0.1:{closed_port()}/0")
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


@pytest.fixture
def with_redis(settings: Settings, redis_server: RedisServer) -> Redis:
    settings.CACHES = caches_at(redis_server.url)
    return Redis.from_url(redis_server.url)


def test_nothing_in_redis_lets_anybody_in(with_redis: Redis, ann: User):
    client = Client()
    client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})
    assert client.get("/").status_code == 200
    held = [key + (with_redis.get(key) or b"") for key in with_redis.scan_iter()]
    assert held, "what the throttle counts"
    assert [each for each in held if client.cookies["sessionid"].value.encode() in each] == []


@pytest.mark.parametrize("redis", ["with_redis", "without_redis"])
def test_a_session_that_was_deleted_is_nowhere_good(
    request: pytest.FixtureRequest, redis: str, ann: User, browser: Client
):
    request.getfixturevalue(redis)
    assert browser.get("/").status_code == 200
    Session.objects.all().delete()
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
