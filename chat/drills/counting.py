"""The application as it is, which also counts its SQL queries and its tasks: /healthz says. Only drills serve it."""

import asyncio
from typing import Any

from distchat_site.asgi import application as application

__all__ = ["application"]

from django.db.backends.utils import CursorWrapper

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
    return is_alive, {**report, **_counted, "tasks": len(asyncio.all_tasks())}


_count("execute")
_count("executemany")
door.alive = _alive_and_counted
