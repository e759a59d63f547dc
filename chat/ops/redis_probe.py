"""Asks a running Redis for its version and whether it has the JSON and Search modules."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.ops.problem import Problem

ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class RedisFacts:
    version: str
    pid: int
    has_json: bool
    has_search: bool
    append_only: bool
    eviction: str
    is_loading: bool

    @property
    def has_modules(self) -> bool:
        return self.has_json and self.has_search


def probe(url: str, *, timeout_seconds: float = ANSWER_SECONDS) -> RedisFacts:
    """What the Redis at `url` says of itself; raises redis.RedisError when it does not answer in time."""
    with redis.Redis.from_url(
        url,
        socket_connect_timeout=timeout_seconds,
        socket_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
    ) as client:
        info = client.info("everything")
    modules = {module["name"].lower() for module in _modules(info)}
    return RedisFacts(
        version=info["redis_version"],
        pid=info["process_id"],
        has_json="rejson" in modules,
        has_search=bool({"search", "searchlight"} & modules),
        append_only=bool(info["aof_enabled"]),
        eviction=info["maxmemory_policy"],
        is_loading=bool(info["loading"]),
    )


def require_modules(url: str) -> RedisFacts:
    """`probe`, raising Problem when Redis is silent or has no JSON and Search."""
    try:
        facts = probe(url)
    except redis.RedisError as error:
        raise Problem(
            f"No Redis answers at {without_password(url)} ({type(error).__name__}).",
            "start it, correct REDIS_URL, or leave REDIS_URL unset to have one started.",
        ) from error
    if not facts.has_modules:
        raise Problem(
            f"The Redis {facts.version} at {without_password(url)} has no JSON and Search modules, which"
            " sessions are kept with.",
            "point REDIS_URL to Redis 8 or Redis Stack, or leave it unset to have one started.",
        )
    return facts


def without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname or parts.path}:{parts.port or 6379}" if parts.hostname else url


def _modules(info: dict[str, object]) -> list[dict[str, str]]:
    modules = info.get("modules", [])
    assert isinstance(modules, list)
    return modules
