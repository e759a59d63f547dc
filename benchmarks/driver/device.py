"""One connection that counts what comes without parsing it, and posts frames made by hand."""

import asyncio
import time
from collections.abc import Callable

from benchmarks.driver.seat import Seat
from benchmarks.driver.tally import BUCKET_NS, Order, Tally
from benchmarks.driver.wording import (
    MARK,
    PING,
    PONG,
    STAMP,
    STAMP_BYTES,
    TEXT,
    client_id_of,
    handshake,
    masked_frame,
    sender_mark,
    text_of,
)

PING_PAYLOAD = 16
OK = b'"type":"ok"'
ERROR = b'"type":"error"'


class Device(asyncio.Protocol):
    """A sender keeps `window` messages in flight while `is_open()`; a watched device checks order and latency."""

    def __init__(self, seat: Seat, tally: Tally, nodes: int, is_open: Callable[[], bool]) -> None:
        self.seat = seat
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.order = Order()
        self.sent = 0
        self.window = 0
        self._tally = tally
        self._nodes = nodes
        self._is_open = is_open
        self._transport: asyncio.Transport | None = None
        self._greeting = b""
        self._tail = b""
        self._own_mark = sender_mark(seat.index)
        self._port = seat.ports[0]
        self._ping = bytes((TEXT, len(seat.ping))) + seat.ping.encode() if seat.ping else b""
        self._pong = seat.pong.encode()

    # Connecting

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(handshake(self._port, self._path(), self.seat.headers))

    def connection_lost(self, exc: Exception | None) -> None:
        self._tally.closed += 1
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"device {self.seat.index}: closed; {self._greeting[-300:]!r}"))

    def _path(self) -> str:
        return self.seat.path

    def _hello(self) -> str:
        return self.seat.hello

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _greet(self, data: bytes) -> None:
        was_open = b"\r\n\r\n" in self._greeting
        self._greeting += data
        if b"\r\n\r\n" not in self._greeting:
            return
        if not was_open:
            if b" 101 " not in self._greeting[:16]:
                self.ready.set_exception(ConnectionError(self._greeting[:200].decode("latin1")))
                return
            if hello := self._hello():
                self._write(masked_frame(hello.encode()))
        if self.seat.ready.encode() in self._greeting:
            self.ready.set_result(None)
            self._greeting = b""

    # Posting

    def post(self, count: int = 1) -> None:
        frames = [self._next_frame() for _ in range(count)]
        self._tally.sent += count
        self._tally.expected += count * self.seat.audience
        self._write(b"".join(frames))

    def _next_frame(self) -> bytes:
        self.sent += 1
        seat = self.seat
        text = text_of(seat.index, self.sent, time.monotonic_ns(), seat.text_bytes)
        said = seat.post.replace("{text}", text).replace("{number}", str(self.sent))
        return masked_frame(said.replace("{client_id}", client_id_of(seat.index, self.sent)).encode())

    def _write(self, frames: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(frames)

    # Receiving

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            self._greet(data)
            return
        if data.find(PING) >= 0:
            self._answer_ping(data)
        if self._ping and self._ping in data:
            self._write(masked_frame(self._pong))
        seat = self.seat
        if seat.is_sender or seat.is_watched:
            self._read(data)
        else:
            self._tally.delivered += data.count(MARK) + (self._tail == MARK[:1] and data[:1] == MARK[1:])
            self._tail = data[-1:]

    def _read(self, data: bytes) -> None:
        """Everything that may straddle two chunks is shorter than a stamp, which is what the tail keeps."""
        now = time.monotonic_ns()
        text = self._tail + data
        end = len(self._tail)
        tally = self._tally
        tally.delivered += _new(text, MARK, end)
        if self.seat.is_watched:
            self._watch(text, now)
        if self.seat.is_sender:
            tally.acknowledged += _new(text, OK, end)
            tally.refused += _new(text, ERROR, end)
            echoes = _new(text, self._own_mark, end) if self.window else 0
            if echoes and self._is_open():
                self.post(echoes)
        self._tail = text[-STAMP_BYTES:]

    def _watch(self, text: bytes, now: int) -> None:
        end = len(self._tail)
        tally, order, nodes, node = self._tally, self.order, self._nodes, self.seat.node
        for found in STAMP.finditer(text):
            if found.end() <= end:
                continue
            sender, number, sent_ns = found.groups()
            who = int(sender)
            order.see(who, int(number))
            bucket = (now - int(sent_ns)) // BUCKET_NS
            (tally.local if who % nodes == node else tally.remote)[bucket] += 1

    def _answer_ping(self, data: bytes) -> None:
        """A ping is looked for, not parsed: a byte of a length that looks like one gets a pong that nobody minds."""
        at = data.find(PING)
        while at >= 0:
            size = data[at + 1] if at + 1 < len(data) else PING_PAYLOAD + 1
            if size <= PING_PAYLOAD:
                self._write(masked_frame(data[at + 2 : at + 2 + size], PONG))
            at = data.find(PING, at + 1)


def _new(text: bytes, mark: bytes, end: int) -> int:
    """How often `mark` occurs in `text`, not counting what lies wholly within its first `end` bytes."""
    return text.count(mark, max(0, end - len(mark) + 1))
