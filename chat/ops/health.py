"""How the node is: alive, and ready for devices or not, and why."""

from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from chat.node import Node, node_if_running
from chat.wire.errors import ChatError

DEGRADED = {
    "layer": "channel layer: Redis does not answer; the sweep delivers",
    "presence": "presence: only this node's devices are known",
    "sessions": "sessions: rebuilt from SQL",
}

Report = tuple[bool, dict[str, Any]]
"""Whether all is well, and what to say about it."""


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
    node.was_ready = not reasons
    degraded = [DEGRADED[each] for each in degraded_parts(node)]
    report = {"ready": not reasons, "node": node.name, "reasons": reasons, "degraded": degraded}
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


def degraded_parts(node: Node) -> list[str]:
    """Which parts, by the keys of DEGRADED, work less well than they should."""
    found = [] if node.layer.healthy else ["layer"]
    if node.presence.is_degraded:
        found.append("presence")
    if node.sessions.health()["checkpointer"] == "none":
        found.append("sessions")
    return found
