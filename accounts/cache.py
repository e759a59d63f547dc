"""A Redis cache without which everything still works, only slower or on its own node."""

import json
import logging
from collections.abc import Callable
from time import monotonic
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
"""For how long a Redis that failed is left alone, so that not every request waits for its time-out."""

_clients: dict[str, RedisCacheClient] = {}
"""Location → the client of this process; Django makes a cache object per request, which must not mean a connection."""
_paused_until: dict[str, float] = {}
"""Location → when Redis may be tried again, in `monotonic` seconds."""


class JsonSerializer:
    """Keeps cached values as JSON: nobody who can write to Redis can make a node unpickle anything."""

    def dumps(self, value: object) -> bytes:
        return json.dumps(value, separators=(",", ":")).encode()

    def loads(self, data: bytes) -> object:
        return json.loads(data)


def _guarded(operation: str) -> Callable[..., Any]:
    def method(cache: "SteadyCache", *args: Any, **kwargs: Any) -> Any:
        return cache.attempt(operation, *args, **kwargs)

    return method


class SteadyCache(RedisCache):
    """Falls back to the memory of this node while Redis is away: throttles go on counting, node by node."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = {"serializer": JsonSerializer, **params.get("OPTIONS", {})}
        super().__init__(server, {**params, "OPTIONS": options})
        self._location = str(server)
        self._fallback = LocMemCache(f"fallback:{server}", {})

    @property
    def _cache(self) -> RedisCacheClient:
        if self._location not in _clients:
            _clients[self._location] = self._class(self._servers, **self._options)
        return _clients[self._location]

    def attempt(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        if monotonic() >= _paused_until.get(self._location, 0.0):
            try:
                return getattr(super(), operation)(*args, **kwargs)
            except RedisError as error:
                _paused_until[self._location] = monotonic() + PAUSE_SECONDS
                logger.warning("cache: Redis does not answer, using this node's memory: %s", error)
        return getattr(self._fallback, operation)(*args, **kwargs)

    add = _guarded("add")
    get = _guarded("get")
    set = _guarded("set")
    touch = _guarded("touch")
    delete = _guarded("delete")
    has_key = _guarded("has_key")
    incr = _guarded("incr")
    get_many = _guarded("get_many")
    set_many = _guarded("set_many")
    delete_many = _guarded("delete_many")

    def clear(self) -> None:
        """Only this node's memory: the stock method is FLUSHDB, and presence and checkpoints live in that Redis too."""
        self._fallback.clear()
