"""Socket.IO over WebSocket alone: on Node with either Redis adapter, and on Python with its Redis manager."""

import json
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import which
from typing import ClassVar

from benchmarks.driver.seat import Seat
from benchmarks.peers.install import NODE_FOLDER, PYTHON
from benchmarks.systems.peer import Peer

PATH = "/socket.io/?EIO=4&transport=websocket"
INSTALL = "run python -m benchmarks.peers.install"
UVICORN = (
    *("--host", "127.0.0.1", "--log-level", "warning", "--no-access-log"),
    *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio", "--ws-per-message-deflate", "false"),
)


class SocketIo(Peer):
    """What both speak: Engine.IO 4 and Socket.IO 5 in text frames (https://socket.io/docs/v4/socket-io-protocol/)."""

    lacks = "store, acknowledge, number, check, log in"

    def seat(self, index: int) -> Seat:
        room = json.dumps({"room": f"room{self.workload.room_of(index)}"})
        return self.seat_at(
            index,
            path=PATH,
            hello="40" + room,
            ready='40{"sid"',
            post='42["message","{text}"]',
            ping="2",
            pong="3",
        )


class NodeSocketIo(SocketIo):
    """The pub/sub adapter."""

    name = "socketio"
    title = "Socket.IO, Redis adapter"
    does = "three Node processes, `@socket.io/redis-adapter`, bufferutil"
    adapter: ClassVar[str] = "redis"

    @classmethod
    def missing(cls) -> str:
        if which("node") is None:
            return "Node is not installed"
        return "" if (NODE_FOLDER / "node_modules" / "socket.io").exists() else f"its packages are not here: {INSTALL}"

    @classmethod
    def versions(cls) -> dict[str, str]:
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
        packages = ("socket.io", "@socket.io/redis-adapter", "@socket.io/redis-streams-adapter", "redis", "ws")
        return {"node": node.strip(), **{f"npm {name}": _npm_version(name) for name in packages}}

    def command(self, number: int, port: int) -> Sequence[str]:
        return ["node", "--expose-gc", str(NODE_FOLDER / "server.js")]

    def environment(self) -> Mapping[str, str]:
        return {"ADAPTER": self.adapter, "NODE_ENV": "production"}

    def collect_garbage(self) -> None:
        for node in self.nodes:
            os.kill(node.pid, signal.SIGUSR2)


class StreamsSocketIo(NodeSocketIo):
    """The streams adapter; connection state recovery is on, so a client names the last packet that it has."""

    name = "socketio-streams"
    title = "Socket.IO, Redis streams adapter"
    does = "the same with `@socket.io/redis-streams-adapter` and connection state recovery"
    lacks = "acknowledge, number, check, log in, keep more than 10,000 packets or 2 minutes"
    history = "the packets of the last 2 minutes, at most 10,000, to a client whose node noticed that it went"
    adapter = "streams"

    def seat(self, index: int) -> Seat:
        plain = super().seat(index)
        room = plain.hello.removeprefix("40{").removesuffix("}")
        return self.seat_at(
            index,
            **{name: getattr(plain, name) for name in ("path", "hello", "ready", "post", "ping", "pong")},
            marks={"pid": r'"pid":"([^"]+)"', "offset": r',"(\d+-\d+)"\]'},
            path_again=PATH,
            hello_again='40{"pid":"{pid}","offset":"{offset}",' + room + "}",
        )


class PythonSocketIo(SocketIo):
    """python-socketio with orjson; uvicorn with uvloop, httptools and no compression."""

    name = "python-socketio"
    title = "python-socketio, Redis manager"
    does = "three uvicorn processes with uvloop and httptools, `AsyncRedisManager`, orjson"

    @classmethod
    def missing(cls) -> str:
        return "" if PYTHON.exists() else f"its packages are not here: {INSTALL}"

    @classmethod
    def versions(cls) -> dict[str, str]:
        packages = ("python-socketio", "python-engineio", "uvicorn", "uvloop")
        script = f"import importlib.metadata as m, json; print(json.dumps({{n: m.version(n) for n in {packages!r}}}))"
        found = subprocess.run([PYTHON, "-c", script], capture_output=True, text=True, check=True, timeout=10).stdout
        return dict(json.loads(found))

    def command(self, number: int, port: int) -> Sequence[str]:
        application = "benchmarks.peers.socketio_python.app:app"
        return [str(PYTHON), "-m", "uvicorn", *UVICORN, "--port", str(port), application]


def _npm_version(name: str) -> str:
    return str(json.loads(Path(NODE_FOLDER, "node_modules", name, "package.json").read_text())["version"])
