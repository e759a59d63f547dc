"""The Channels consumer of one WebSocket: lets it in, takes its frames, and answers every command."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer

from chat.edge.connection import Connection
from chat.edge.counts import DoorCounts, Limit
from chat.edge.credentials import address_of, authenticate, headers_of, is_from_here
from chat.edge.doorkeeper import Doorkeeper
from chat.edge.handlers import HANDLERS
from chat.edge.socket import DaphneSocket, text_frame
from chat.edge.throttle import ConnectionLimits
from chat.edge.welcome import say_welcome
from chat.log.fence import AccessEnded
from chat.node import running_node
from chat.wire import events
from chat.wire.codec import Refused, encode, frame, parse_frame
from chat.wire.commands import Command, Hello, Post
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.limits import CLOSE_BROKEN_PROTOCOL, CLOSE_FLOODING, CLOSE_NOT_LOGGED_IN, CLOSE_RESTART, PROTOCOL
from chat.wire.shapes import Event

HELLO_SECONDS = 10.0
DATABASE_PAUSE_MS = 2_000
FLOODING_PAUSE_MS = 10_000
PENDING_COMMANDS = 256
"""More commands than this in the works, and the socket is not read for a while."""
WAITING_FRAMES = 256
"""The same for frames that nobody has looked at."""
FRAMES_IN_A_ROW = 16

logger = logging.getLogger(__name__)


class ChatConsumer(AsyncConsumer):  # type: ignore[misc]  # channels is untyped
    """One connection. It joins no group: the node's hub does, once for all connections.

    Commands start in the order in which they came and are answered as each is done; a command that fails is answered
    with an `error` and harms no other.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._door: Doorkeeper | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._hello_task: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._in_a_row = 0
        self._frames: asyncio.Queue[dict[str, Any]]
        self._is_reading = True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """`receive` is that of Daphne's queue, which has no bound of its own.

        Nothing else is waited for, as where a consumer joins groups: Channels would keep a task for each connection and
        make a new one for each frame.
        """
        self._frames = receive.__self__
        self.scope, self.base_send = scope, send
        with suppress(StopConsumer):
            while True:
                await self.dispatch(await receive())

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Straight to the handler: Channels would hop to a thread for every frame, to look after old connections."""
        await self._ON[message["type"]](self, message)
        self._pace_reading()
        self._in_a_row += 1
        if self._in_a_row >= FRAMES_IN_A_ROW:  # a queue that is never empty lets nobody else have a turn
            self._in_a_row = 0
            await asyncio.sleep(0)

    # Opening and closing

    async def _connect(self, message: dict[str, Any]) -> None:
        headers = headers_of(self.scope)
        if not is_from_here(headers):
            await self.send({"type": "websocket.close"})
            return
        node = await running_node()
        try:
            access = await authenticate(node.database, headers)
        except ChatError:
            await self._turn_away(node.door, CLOSE_RESTART, events.bye("restart", reconnect_after_ms=DATABASE_PAUSE_MS))
            return
        if access is None:
            await self._turn_away(node.door, CLOSE_NOT_LOGGED_IN, events.bye("not_logged_in"))
            return
        if node.door.is_draining:
            # A proxy asks another node then; it would hand a socket that is open and closed again to the device.
            DaphneSocket(self.base_send).refuse(503, "This node is going away")
            return
        await self._accept()
        self._door = node.door
        socket = DaphneSocket(self.base_send)
        socket.forget_handshake()
        limits = ConnectionLimits(node.door.rates)
        address = address_of(self.scope, headers)
        self._connection = Connection(socket, node.outbox, access, address, limits)
        node.door.let_in.add(self._connection)
        if node.door.is_draining:  # since a moment ago
            node.door.dismiss(self._connection, 0)
        self._deadline = asyncio.get_running_loop().call_later(HELLO_SECONDS, self._hello_missing)

    async def _turn_away(self, door: Doorkeeper, code: int, bye: Event) -> None:
        await self._accept()
        door.counts.closes[code] += 1
        socket = DaphneSocket(self.base_send)
        socket.write(text_frame(frame([encode(bye)])))
        socket.close(code)

    async def _accept(self) -> None:
        offered = self.scope["subprotocols"]
        await self.send({"type": "websocket.accept", "subprotocol": PROTOCOL if PROTOCOL in offered else None})

    def _hello_missing(self) -> None:
        if self._connection is not None and self._connection.device is None:
            self._break_off(self._connection, ChatError(ErrorCode.NOT_READY, "No hello came in time."))

    async def _disconnect(self, message: dict[str, Any]) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        if self._hello_task is not None:
            self._hello_task.cancel()
        if self._connection is not None and self._door is not None:
            self._connection.closed_with = self._connection.closed_with or message.get("code", 0)
            await self._door.departed(self._connection)
        raise StopConsumer

    # Commands

    async def _receive(self, message: dict[str, Any]) -> None:
        connection = self._connection
        if connection is None or connection.closed_with is not None:
            return
        text = message.get("text")
        if text is None:
            self._break_off(connection, ChatError(ErrorCode.BAD_FRAME, "Frames are text."))
            return
        try:
            said = parse_frame(text)
        except ChatError as error:
            self._break_off(connection, error)
            return
        retry_after_ms = connection.limits.admit_frame(len(text))
        for command in said:
            if retry_after_ms:
                self._counts.limited[Limit.BYTES] += 1
                self._limit(ChatError(ErrorCode.RATE_LIMITED, retry_after_ms=retry_after_ms), command.ref)
            else:
                self._take(connection, command)

    def _break_off(self, connection: Connection, error: ChatError) -> None:
        self._counts.errors[error.code] += 1
        connection.close(CLOSE_BROKEN_PROTOCOL, events.error(error), events.bye("broken_protocol"))

    def _take(self, connection: Connection, command: Command | Refused) -> None:
        if isinstance(command, Refused):
            connection.limits.note_refusal()
            self._limit(command.error, command.ref)
        elif retry_after_ms := self._retry_after_ms(connection, command):
            self._limit(ChatError(ErrorCode.RATE_LIMITED, retry_after_ms=retry_after_ms), command.ref)
        elif isinstance(command, Hello) and self._hello_task is None and not connection.is_ready:
            self._hello_task = self._start(self._hello(connection, command))
        elif not connection.is_ready:
            self._refuse(connection, ChatError(ErrorCode.NOT_READY), command.ref)
        else:
            self._start(self._answer(connection, command, time.perf_counter()))

    def _retry_after_ms(self, connection: Connection, command: Command) -> int:
        assert self._door is not None
        is_post = isinstance(command, Post)
        wait_ms, limit = (
            connection.limits.admit_post() if is_post else connection.limits.admit_command(),
            Limit.CONNECTION,
        )
        if is_post and not wait_ms:
            wait_ms, limit = self._door.user_limits.check(connection.user_id), Limit.USER
        if wait_ms:
            self._counts.limited[limit] += 1
        return wait_ms

    def _limit(self, error: ChatError, ref: int | None) -> None:
        assert self._connection is not None
        if self._connection.limits.is_flooding:
            self._counts.errors[error.code] += 1
            self._connection.socket.ignore_input()
            bye = events.bye("flooding", reconnect_after_ms=error.retry_after_ms or FLOODING_PAUSE_MS)
            self._connection.close(CLOSE_FLOODING, events.error(error, ref=ref), bye)
        else:
            self._refuse(self._connection, error, ref)

    async def _hello(self, connection: Connection, command: Hello) -> None:
        assert self._door is not None
        self._counts.commands[Hello] += 1
        try:
            await say_welcome(self._door, connection, command)
        except ChatError as error:
            self._door.forget(connection)
            self._refuse(connection, error, command.ref)
        except Exception:  # noqa: BLE001 - a bug is answered, never a closed socket
            self._door.forget(connection)
            self._bug(connection, command)

    async def _answer(self, connection: Connection, command: Command, taken: float) -> None:
        """`taken` is the time.perf_counter() at which the command came."""
        self._counts.commands[type(command)] += 1
        try:
            answer = await HANDLERS[type(command)](self._door, connection, command)
        except AccessEnded as error:
            self._refuse(connection, error, command.ref)
            await self._show_out(connection)
        except ChatError as error:
            self._refuse(connection, error, command.ref)
        except Exception:  # noqa: BLE001 - a bug is answered, never a closed socket
            self._bug(connection, command)
        else:
            if answer is not None:
                connection.send(answer)
            if isinstance(command, Post):
                self._counts.post_seconds.observe(time.perf_counter() - taken)

    async def _show_out(self, connection: Connection) -> None:
        """The log knew before the doorkeeper; where the database is away now, the next round does it."""
        assert self._door is not None
        with suppress(ChatError):
            await self._door.revalidate_one(connection)

    def _bug(self, connection: Connection, command: Command) -> None:
        context = {"command": command.type, "device": str(connection.device), "ref": command.ref}
        logger.exception("a command failed: %s", context, extra=context)
        self._refuse(connection, ChatError(ErrorCode.INTERNAL), command.ref)

    def _refuse(self, connection: Connection, error: ChatError, ref: int | None) -> None:
        self._counts.errors[error.code] += 1
        connection.refuse(error, ref)

    @property
    def _counts(self) -> DoorCounts:
        assert self._door is not None
        return self._door.counts

    # Work in progress

    def _start(self, work: Awaitable[None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        self._pace_reading()
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task is self._hello_task:
            self._hello_task = None  # a task keeps all that it knew
        self._pace_reading()

    def _pace_reading(self) -> None:
        """Read from the socket no faster than what comes from it is dealt with."""
        if self._connection is None:
            return
        load = max(len(self._tasks) / PENDING_COMMANDS, self._frames.qsize() / WAITING_FRAMES)
        if self._is_reading and load >= 1:
            self._is_reading = False
            self._connection.socket.pause_reading()
        elif not self._is_reading and load <= 0.5:
            self._is_reading = True
            self._connection.socket.resume_reading()

    _ON: dict[str, Callable[["ChatConsumer", dict[str, Any]], Awaitable[None]]] = {
        "websocket.connect": _connect,
        "websocket.receive": _receive,
        "websocket.disconnect": _disconnect,
    }
