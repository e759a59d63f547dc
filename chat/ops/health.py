"""`/healthz` and `/readyz`, answered before Django so that no busy thread can hold them up."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat.node import Node, node_if_running
from chat.wire.errors import ChatError

Application = Callable[[Any, Any, Any], Awaitable[None]]
Report = tuple[bool, dict[str, Any]]


class HealthDoor:
    """An ASGI application that answers for the node's health and hands everything else on."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/healthz":
            await _answer(send, alive())
        elif scope["path"] == "/readyz":
            await _answer(send, await ready())
        else:
            await self._application(scope, receive, send)


def alive() -> Report:
    """The process runs and its loop turns."""
    node = node_if_running()
    lag = node.loop_lag.seconds if node else 0.0
    return True, {"alive": True, "node": node.name if node else None, "loop_lag_seconds": round(lag, 3)}


async def ready() -> Report:
    """Whether devices should be sent here, and what works less well than it should."""
    node = node_if_running()
    if node is None:
        return False, {"ready": False, "reasons": ["the node is starting"]}
    reasons = await _reasons_against(node)
    report = {"ready": not reasons, "node": node.name, "reasons": reasons, "degraded": _degraded(node)}
    return not reasons, {**report, "connections": len(node.door.connections)}


async def _reasons_against(node: Node) -> list[str]:
    if node.door.is_draining:
        return ["draining"]
    try:
        pending = await node.database.write(_unapplied_migrations)
    except ChatError as error:
        return [f"database: {error.detail}"]
    return ["migrations are not applied: run `manage.py migrate`"] if pending else []


def _unapplied_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _degraded(node: Node) -> list[str]:
    found = [] if node.layer.healthy else ["channel layer: Redis does not answer; the sweep delivers"]
    if node.presence.is_degraded:
        found.append("presence: only this node's devices are known")
    if node.sessions.health()["checkpointer"] == "none":
        found.append("sessions: rebuilt from SQL")
    return found


async def _answer(send: Any, report: Report) -> None:
    is_good, body = report
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 200 if is_good else 503, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(body)})
