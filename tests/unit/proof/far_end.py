"""The other end of the wire for device tests: a tiny server that speaks the protocol with a script of its own."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

Event = dict[str, Any]
ZERO = "00000000-0000-0000-0000-000000000000"
AT = "2026-01-31T09:00:00.000Z"


def entry(conversation: int = 7, *, head: int = 0, resume: str = "snapshot", **fields: Any) -> Event:
    said = {"id": conversation, "kind": "group", "title": "Tea", "epoch": "e1", "head": head, "read_seq": 0}
    member = {"id": 3, "username": "ann", "name": "Ann", "read_seq": 0, "online": True}
    said |= {"unread": 0, "draft": "", "member_count": 1, "members": [member], "resume": resume}
    return said | fields


def welcome(ref: int, *entries: Event) -> Event:
    session = {"id": ZERO, "restored": False, "source": "new", "message_count": 0, "last_active": None}
    limits = {"frame_bytes": 65536, "text_chars": 8000, "posts_per_10s": 50}
    said = {"type": "welcome", "ref": ref, "node": "server_1", "user": {"id": 3, "username": "ann", "name": "Ann"}}
    said |= {"device": {"id": ZERO, "name": "test"}, "session": session, "heartbeat_seconds": 15, "limits": limits}
    return said | {"conversations": list(entries)}


def caught_up(seq: int, conversation: int = 7, epoch: str = "e1") -> Event:
    return {"type": "caught_up", "conversation": conversation, "epoch": epoch, "seq": seq}


def message(seq: int, text: str = "", *, changed: int = 0, conversation: int = 7, client_id: str = "") -> Event:
    said = {"type": "message", "conversation": conversation, "seq": seq, "changed_seq": changed or seq, "id": seq}
    said |= {"kind": "text", "sender": {"id": 3, "name": "Ann"}, "client_id": client_id or _uuid(seq), "at": AT}
    return said | {"text": text or f"text {seq}"}


def _uuid(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012d}"


class FarEnd:
    """Answers hello with `entries` and `backlog`, numbers posts, and does what `scripts` say per command type."""

    def __init__(self) -> None:
        self.entries: list[Event] = [entry()]
        self.backlog: list[Event] = [caught_up(0)]
        self.commands: list[Event] = []
        self.handshakes: list[Request] = []
        self.sockets: list[ServerConnection] = []
        self.posts: dict[str, int] = {}
        self.scripts: dict[str, Callable[[ServerConnection, Event], Any]] = {}
        self.refuse_with = 0
        self._server: Server | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/ws/"

    def heard(self, kind: str) -> list[Event]:
        return [command for command in self.commands if command["type"] == kind]

    async def say(self, *events: Event) -> None:
        await self.sockets[-1].send(json.dumps(list(events)))

    async def close(self, code: int) -> None:
        await self.sockets[-1].close(code)

    async def start(self) -> None:
        self._server = await serve(
            self._serve, "127.0.0.1", 0, subprotocols=["distchat.v1"], process_request=self._admit, compression=None
        )

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        self.handshakes.append(request)
        return connection.respond(self.refuse_with, "no\n") if self.refuse_with else None

    async def _serve(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        try:
            async for frame in socket:
                said = json.loads(frame)
                for command in said if isinstance(said, list) else [said]:
                    self.commands.append(command)
                    await self._answer(socket, command)
        except ConnectionClosed:
            return

    async def _answer(self, socket: ServerConnection, command: Event) -> None:
        script = self.scripts.get(command["type"])
        if script is not None:
            await script(socket, command)
        elif command["type"] == "hello":
            await socket.send(json.dumps([welcome(command["ref"], *self.entries), *self.backlog]))
        elif command["type"] == "post":
            await socket.send(json.dumps(self.post(command)))
        elif command["type"] == "ping" and "ref" in command:
            await socket.send(json.dumps([{"type": "pong", "ref": command["ref"], "heads": {}}]))
        elif "ref" in command:
            await socket.send(json.dumps([{"type": "ok", "ref": command["ref"], "conversation": 7, "seq": 1}]))

    def post(self, command: Event) -> list[Event]:
        client_id, is_known = command["client_id"], command["client_id"] in self.posts
        seq = self.posts.setdefault(client_id, len(self.posts) + 1)
        ok = {"type": "ok", "ref": command["ref"], "conversation": 7, "seq": seq, "duplicate": is_known}
        return [ok] if is_known else [ok, message(seq, command["text"], client_id=client_id)]


@asynccontextmanager
async def far_end() -> AsyncIterator[FarEnd]:
    end = FarEnd()
    await end.start()
    try:
        yield end
    finally:
        await end.stop()


async def soon(condition: Callable[[], object], *, timeout_seconds: float = 10.0) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(timeout_seconds):
        while not condition():  # noqa: ASYNC110 - the far end has nothing to wait on
            await asyncio.sleep(0.01)
