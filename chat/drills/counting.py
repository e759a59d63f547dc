"""The application as it is, which also counts its queries, tasks and objects: /healthz says. Only drills serve it."""

import asyncio
import gc
import sys
from typing import Any

from distchat_site.asgi import application as application

__all__ = ["application"]

from django.db.backends.utils import CursorWrapper

from chat.node import node_if_running
from chat.ops import door
from chat.ops.health import alive

_counted = {"queries": 0}


def _count(name: str) -> None:
    plain = getattr(CursorWrapper, name)

    def counted(self: CursorWrapper, *arguments: Any, **options: Any) -> Any:
        _counted["queries"] += 1
        return plain(self, *arguments, **options)

    setattr(CursorWrapper, name, counted)


def _alive_and_counted() -> tuple[bool, dict[str, Any]]:
    is_alive, report = alive()
    return is_alive, {**report, **_counted, "tasks": len(asyncio.all_tasks()), "blocks": _blocks()}


def _blocks() -> int:
    """Pieces of memory that Python's objects hold, once nobody is connected; 0 where looking for garbage would be felt.

    Other than the memory of the process, it does not show what was needed once and is kept for the next time.
    """
    node = node_if_running()
    if node is None or node.door.connections:
        return 0
    gc.collect()
    return sys.getallocatedblocks()


_count("execute")
_count("executemany")
door.alive = _alive_and_counted
