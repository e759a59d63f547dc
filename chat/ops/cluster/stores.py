"""How Redis and the database are, for whoever looks at the cluster page: asked only while somebody does."""

import asyncio
import time
from typing import Any

from django.conf import settings
from redis.asyncio import Redis

from chat.database import Database
from chat.ops.cluster.database_state import database_state
from chat.ops.redis_probe import without_password
from chat.presence.redis_connection import failing_as, open_redis
from chat.wire.errors import ChatError

State = dict[str, Any]
EVICTING = "noeviction"
NEARLY_FULL = 0.9


class Stores:
    """Owns one connection to each Redis while it is asked; `close` lets go of them, and asking opens them again."""

    def __init__(self, database: Database, urls: list[str] | None = None) -> None:
        self._database = database
        self._urls: list[str] = settings.REDIS_URLS if urls is None else urls
        self._clients: dict[str, Redis] = {}

    async def state(self) -> State:
        """`redis`, one for each shard, and `database`; whatever is away says so and keeps nothing waiting for long."""
        redis, database = await asyncio.gather(
            asyncio.gather(*map(self._redis_state, self._urls)), self._database_state()
        )
        return {"redis": redis, "database": database}

    async def close(self) -> None:
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose(close_connection_pool=True)

    async def _redis_state(self, url: str) -> State:
        client = self._clients.setdefault(url, open_redis(url, connections=1))
        address = without_password(url)
        try:
            async with failing_as(_Away):
                info = await client.info()
                began = time.perf_counter()
                await client.ping()
                latency = time.perf_counter() - began
            return {"address": address, "up": True, "latency_seconds": latency, **_redis_facts(info)}
        except (_Away, UnicodeDecodeError, ValueError, KeyError, TypeError) as failure:
            return {"address": address, "up": False, "reason": str(failure).strip(": ")[:120]}

    async def _database_state(self) -> State:
        began = time.perf_counter()
        try:
            facts = await self._database.read(database_state)
        except ChatError as error:
            return {"up": False, "reason": error.detail}
        return {"up": True, "latency_seconds": time.perf_counter() - began, **facts}


class _Away(Exception):
    """Redis did not say how it is."""


def _redis_facts(info: dict[str, Any]) -> State:
    limit = int(info.get("maxmemory", 0))
    facts = {
        "version": str(info["redis_version"]),
        "role": str(info.get("role", "")),
        "uptime": int(info["uptime_in_seconds"]),
        "memory_bytes": int(info["used_memory"]),
        "limit_bytes": limit or None,
        "clients": int(info["connected_clients"]),
        "commands_per_second": int(info["instantaneous_ops_per_sec"]),
        "append_only": bool(info.get("aof_enabled")),
        "saved_seconds_ago": _since(info.get("rdb_last_save_time")),
        "unsaved_changes": int(info.get("rdb_changes_since_last_save", 0)),
    }
    return {**facts, "warnings": list(_warnings(info, limit))}


def _since(unix_seconds: Any) -> int | None:
    return max(0, int(time.time()) - int(unix_seconds)) if unix_seconds else None


def _warnings(info: dict[str, Any], limit: int) -> list[str]:
    signs = {
        "loading": bool(info.get("loading")),
        "replica": info.get("role") == "slave",
        "evicts": limit > 0 and info.get("maxmemory_policy") != EVICTING,
        "nearly_full": limit > 0 and int(info["used_memory"]) > NEARLY_FULL * limit,
        "not_persistent": not info.get("aof_enabled"),
        "append_failed": info.get("aof_last_write_status", "ok") != "ok",
        "save_failed": info.get("rdb_last_bgsave_status", "ok") != "ok",
    }
    return [name for name, is_so in signs.items() if is_so]
