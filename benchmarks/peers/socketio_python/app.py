"""One node of python-socketio: a client names its room in `auth` and is told what anyone says there.

Nothing is stored and nobody logs in. It runs in an environment of its own, see benchmarks/requirements.txt.
"""

import os
from types import SimpleNamespace
from typing import Any

import orjson
import socketio

FAST_JSON = SimpleNamespace(
    dumps=lambda value, **_: orjson.dumps(value).decode(), loads=lambda text, **_: orjson.loads(text)
)
"""The library takes any module with `dumps` and `loads`."""

rooms: dict[str, str] = {}

server = socketio.AsyncServer(
    async_mode="asgi",
    client_manager=socketio.AsyncRedisManager(os.environ["REDIS_URL"]),
    transports=["websocket"],
    json=FAST_JSON,
    async_handlers=False,  # keeps the order of messages, and is several times as fast in small rooms
)
app = socketio.ASGIApp(server)


@server.event
async def connect(sid: str, environ: dict[str, Any], auth: dict[str, str]) -> None:
    rooms[sid] = auth["room"]
    await server.enter_room(sid, auth["room"])


@server.event
async def disconnect(sid: str, reason: str) -> None:
    rooms.pop(sid, None)


@server.event
async def message(sid: str, text: str) -> None:
    await server.emit("message", text, room=rooms[sid])
