"""One simulated device on a real socket: it speaks the wire, keeps its cursors and writes down what it saw."""

import asyncio
import random
import socket
import uuid
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from chat.proof.door import TurnedAway, open_socket
from chat.proof.history import History, brief
from chat.proof.outbox import Event, Lost, Outbox, Pending, Refused
from chat.proof.reconnect import seconds_until_retry
from chat.proof.speaker import ANSWER_SECONDS, Speaker
from chat.proof.view import Keep, Listener, View
from chat.wire.limits import ACK_SECONDS, HEARTBEAT_SECONDS, PROTOCOL, SILENCE_SECONDS, CloseCode

__all__ = ["Device", "Lost", "Refused", "TurnedAway"]

READY_SECONDS = 15.0
SILENT_BEATS = SILENCE_SECONDS / HEARTBEAT_SECONDS


class Device(View, Speaker):
    """A device of one user; `name` is its name in the history, which has to be its own.

    `keep="counts"` follows positions and holds neither messages nor history lines for them (benchmarks). `is_strict`
    checks every event against the schema. `is_patient` retries posts that the server asks to retry. `listener` is
    called with every `message` event, at once. What it holds is in View, what it can say in Speaker.
    """

    def __init__(
        self,
        name: str,
        *,
        cookies: str = "",
        token: str = "",
        history: History | None = None,
        device_id: str = "",
        keep: Keep = "all",
        is_strict: bool = True,
        is_patient: bool = True,
        heartbeat_seconds: float | None = None,
        listener: Listener | None = None,
    ) -> None:
        super().__init__(
            name, History() if history is None else history, keep=keep, is_strict=is_strict, listener=listener
        )
        self.cookies = cookies
        self.token = token
        self.device_id = device_id or str(uuid.uuid4())
        self.is_patient = is_patient
        self.heartbeat_seconds = heartbeat_seconds
        self.url = ""
        self.close_code: int | None = None
        self.close_reason = ""
        self._chance = random.Random(self.device_id)
        self._outbox = Outbox()
        self._posted: set[str] = set()
        self._socket: ClientConnection | None = None
        self._hello_ref = 0
        self._refusal: Refused | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._follower: asyncio.Task[None] | None = None
        self._sending = asyncio.Lock()
        self._may_read = asyncio.Event()
        self._may_read.set()
        self._waiters: list[tuple[Callable[[Device], object], asyncio.Future[None]]] = []
        self._last_heard = 0.0
        self._retry_ms: int | None = None

    # Being there

    @property
    def is_connected(self) -> bool:
        """Whether there is a socket."""
        return self._socket is not None

    @property
    def is_ready(self) -> bool:
        """Whether the server has said welcome and every conversation has caught up."""
        return self._socket is not None and bool(self.welcome) and not self.catching_up

    @property
    def has_given_up(self) -> bool:
        """Whether nothing tries to bring it back."""
        return self._follower is None or self._follower.done()

    async def connect(self, url: str, *, timeout_seconds: float = READY_SECONDS) -> Event:
        """Open a socket, say hello, wait until everything has caught up; returns the `welcome` event.

        Raises TurnedAway (refused handshake), Refused (refused hello), Lost (closed early), OSError, TimeoutError.
        """
        await self._drop_socket()
        self.url, self.close_code, self.bye, self.welcome, self._refusal = url, None, {}, {}, None
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._open(url, timeout_seconds)
                await self._until(lambda device: device.is_ready or device._refusal or not device.is_connected)
        except TimeoutError:
            missing = f"conversations {sorted(self.catching_up)}" if self.welcome else "welcome"
            self.abort()
            raise TimeoutError(f"{self.name} is not ready at {url}: still waiting for {missing}") from None
        if self._refusal is not None:
            raise self._refusal
        if not self.is_ready:
            raise Lost(f"{self.name} was closed before it was ready: {self.close_code} {self.close_reason}")
        await self._send_posts()
        return self.welcome

    async def follow(
        self, urls: Sequence[str], *, timeout_seconds: float = READY_SECONDS, attempt_seconds: float = READY_SECONDS
    ) -> None:
        """Stay connected to one of the nodes until closed, moving on when a socket closes; returns once ready.

        One node gets `attempt_seconds` to make it ready, then the next is tried. Raises Lost when the server does not
        want it back, TimeoutError (and goes on trying).
        """
        await self._stop_following()
        self._follower = asyncio.create_task(self._follow(urls, attempt_seconds), name=f"{self.name} follows")
        self._follower.add_done_callback(lambda _: self._wake())
        await self.wait_for(lambda device: device.is_ready or device.has_given_up, timeout_seconds)
        if not self.is_ready:
            raise Lost(f"{self.name} gave up: {self.close_code} {self.close_reason}")

    async def close(self) -> None:
        """Leave politely, and do not come back."""
        await self._stop_following()
        await self._drop_socket()
        self._outbox.give_up()

    def abort(self) -> None:
        """Drop the TCP connection without a word, as a dying machine does; a following device comes back."""
        self._may_read.set()
        if self._socket is not None:
            self._socket.transport.abort()

    def stop_reading(self) -> None:
        """Take nothing from the socket any more, so that the server's buffers fill."""
        self._may_read.clear()

    def pause(self) -> None:
        """Leave even what has come on the line, of which the system keeps no more than it must."""
        if self._socket is not None:
            line = self._socket.transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            self._socket.transport.pause_reading()

    def start_reading(self) -> None:
        """Take again what comes."""
        self._may_read.set()

    async def wait_for(self, predicate: "Callable[[Device], object]", timeout_seconds: float = 10.0) -> None:
        """Return when the predicate holds; it is tried after every frame. Raises TimeoutError."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._until(predicate)
        except TimeoutError:
            raise TimeoutError(f"{self.name} waited {timeout_seconds:g} s in vain") from None

    async def _until(self, predicate: "Callable[[Device], object]") -> None:
        if predicate(self):
            return
        waiter = (predicate, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            await waiter[1]
        finally:
            self._waiters.remove(waiter)

    def _wake(self) -> None:
        for predicate, future in self._waiters:
            if not future.done() and predicate(self):
                future.set_result(None)

    # Speaking

    async def ask(self, command: Event, *, act: str = "", timeout_seconds: float | None = ANSWER_SECONDS) -> Event:
        """Say the command and wait for its answer. Raises Refused, Lost, TimeoutError."""
        pending = self._outbox.add(command, act=act)
        try:
            async with asyncio.timeout(timeout_seconds):
                await (self._send_posts() if pending.is_post else self._send(pending))
                answer = await pending.answer
        finally:
            self._outbox.drop(pending)
        if answer["type"] == "error":
            raise Refused(answer)
        return answer

    async def tell(self, command: Event) -> None:
        """Say a command that nobody answers. Raises Lost."""
        await self.send_raw(orjson.dumps(command))

    async def send_raw(self, frame: bytes | str, *, is_text: bool = True) -> None:
        """Send a frame exactly as given, right or wrong. Raises Lost."""
        if self._socket is None:
            raise Lost(f"{self.name} is not connected")
        try:
            await self._socket.send(frame, text=is_text)
        except ConnectionClosed as closed:
            raise Lost(f"{self.name}: {closed}") from closed

    def note_write(self, command: Event, text: str) -> str:
        """Write an edit, delete or reaction into the history."""
        act = f"{self.name}#{uuid.uuid4()}"
        conversation, seq = command["conversation"], command["seq"]
        self.record.add(self.name, command["type"], conversation=conversation, seq=seq, act=act, text=text)
        return act

    async def _send(self, pending: Pending) -> None:
        pending.times_sent += 1
        await self.send_raw(orjson.dumps(pending.command))

    async def _send_posts(self) -> None:
        """Send queued posts, oldest first; one sender at a time, so that their order is the order of the calls."""
        async with self._sending:
            while self.is_ready and (pending := self._outbox.next_post()):
                self._note_post(pending)
                try:
                    await self._send(pending)
                except Lost:
                    return  # It is still in the outbox and leaves with the next socket.

    def _note_post(self, pending: Pending) -> None:
        command = pending.command
        where = {"conversation": command["conversation"], "reply_to": command.get("reply_to", 0)}
        what = "resend" if pending.act in self._posted else "post"
        self._posted.add(pending.act)
        self.record.add(self.name, what, act=pending.act, text=brief(command["text"]), **where)

    def on_answer(self, answer: Event) -> None:
        """Hand an answer to whoever waits for it."""
        pending = self._outbox.settle(answer)
        if pending is not None:
            self._note_answer(pending, answer)
        elif answer["type"] == "error":
            self._retry_ms = answer.get("retry_after_ms")
            self.events.append(answer)
            if answer.get("ref") == self._hello_ref:
                self._refusal = Refused(answer)

    def _note_answer(self, pending: Pending, answer: Event) -> None:
        if pending.act and answer["type"] == "error":
            self.record.add(self.name, "error", act=pending.act, via=answer["code"])
        elif pending.act:
            self.record.add(self.name, "ok", act=pending.act, seq=answer.get("seq", 0))

    # The socket

    async def _open(self, url: str, timeout_seconds: float) -> None:
        socket = await open_socket(url, cookies=self.cookies, token=self.token, timeout_seconds=timeout_seconds)
        self._socket = socket
        self._last_heard = asyncio.get_running_loop().time()
        if socket.subprotocol != PROTOCOL:
            self.report("W", f"the socket speaks {socket.subprotocol!r}, not {PROTOCOL}")
        self._start(self._read(socket))
        self._start(self._keep_up(socket))
        self._hello_ref = self._outbox.next_ref()
        hello = {"type": "hello", "ref": self._hello_ref, "device": self.device_id, "device_name": self.name}
        await self.tell({**hello, "cursors": self.cursors()})

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _read(self, socket: ClientConnection) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while True:
                frame = await socket.recv(decode=False)
                await self._may_read.wait()
                self._last_heard = clock()
                was_ready = self.is_ready
                self.take_frame(frame)
                if not was_ready and self.is_ready and self._outbox.has_posts:
                    self._start(self._send_posts())  # what was written while a new conversation was catching up
                if self._waiters:
                    self._wake()
        except ConnectionClosed:
            return
        finally:
            # However reading ends, a socket that nobody reads must not look alive.
            socket.transport.abort()
            self._gone(socket)

    async def _keep_up(self, socket: ClientConnection) -> None:
        """Acknowledge at most once a second, and leave a server that has fallen silent."""
        clock = asyncio.get_running_loop().time
        pinged_at = clock()
        while self._socket is socket:
            await asyncio.sleep(ACK_SECONDS)
            beat = self.heartbeat_seconds or self.welcome.get("heartbeat_seconds", HEARTBEAT_SECONDS)
            silence = clock() - self._last_heard
            if silence > SILENT_BEATS * beat and self._may_read.is_set():
                socket.transport.abort()
            elif silence > beat and clock() - pinged_at > beat:
                pinged_at = clock()
                await self._try_tell({"type": "ping"})
            await self._acknowledge()

    async def _acknowledge(self) -> None:
        if self.unacknowledged and self.is_ready:
            cursors = {str(key): self.cursor(key) for key in self.unacknowledged}
            self.unacknowledged.clear()
            await self._try_tell({"type": "ack", "cursors": cursors})

    async def _try_tell(self, command: Event) -> None:
        try:
            await self.tell(command)
        except Lost:
            return  # The reader notices too, and it is the one that cleans up.

    def _gone(self, socket: ClientConnection) -> None:
        if self._socket is not socket:
            return
        self._socket = None
        self.close_code, self.close_reason = socket.close_code, socket.close_reason or ""
        for pending in self._outbox.lose_socket():
            if pending.act:
                self.record.add(self.name, "lost", act=pending.act)
        is_revoked = self.close_code in (CloseCode.REVOKED, CloseCode.NOT_LOGGED_IN)
        what = "revoked" if is_revoked else "closed"
        said = self.bye.get("reason", "")
        self.record.add(self.name, what, seq=self.close_code or 0, text=self.close_reason, via=said)
        self.catching_up.clear()
        self._wake()

    async def _drop_socket(self) -> None:
        if self._socket is not None:
            self._may_read.set()
            socket = self._socket
            await socket.close()
            self._gone(socket)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Coming back

    async def _follow(self, urls: Sequence[str], attempt_seconds: float) -> None:
        failures = turn = 0
        delay: float | None = 0.0
        while delay is not None:
            await asyncio.sleep(delay)
            url, turn = urls[turn % len(urls)], turn + 1
            try:
                await self.connect(url, timeout_seconds=attempt_seconds)
                failures = 0
                await self._until(lambda device: not device.is_connected)
            except (OSError, TimeoutError, Refused) as failure:
                failures += 1
                if isinstance(failure, TurnedAway) and failure.is_final:
                    break
            delay = self._next_delay(failures)
        self._outbox.give_up()

    def _next_delay(self, failures: int) -> float | None:
        told = self.bye.get("reconnect_after_ms", self._retry_ms)
        self._retry_ms = None
        return seconds_until_retry(self.close_code, told_ms=told, failures=failures, chance=self._chance)

    async def _stop_following(self) -> None:
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)
