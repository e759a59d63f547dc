"""A device that reads frame by frame, notes how far it is, and goes to another node when its connection breaks."""

import asyncio
import random
import re
import time
from collections.abc import Callable

from benchmarks.driver.device import Device
from benchmarks.driver.seat import Seat
from benchmarks.driver.tally import Tally
from benchmarks.driver.wording import PONG, STAMP, frames_in, handshake, masked_frame

HOST = "127.0.0.1"
PAUSE_SECONDS = (0.1, 0.5)
"""Between the loss of a connection and the next attempt, at random: the same for every system."""
ATTEMPT_SECONDS = 5.0
ATTEMPTS = 10
HEAD_END = b"\r\n\r\n"
TEXT_FRAMES = (0, 1, 2)  # RFC 6455, 5.2: continuation, text, binary
PING_FRAME = 9


class ReturningDevice(Device):
    """Every message is looked at once, in whole frames, so that what it notes is what it has."""

    def __init__(self, seat: Seat, tally: Tally, nodes: int, is_open: Callable[[], bool]) -> None:
        super().__init__(seat, tally, nodes, is_open)
        self.lost_at = self.returned_at = 0.0
        self._marks = {name: re.compile(mark.encode()) for name, mark in seat.marks.items()}
        self._noted: dict[str, str] = {}
        self._received = b""
        self._is_upgraded = False
        self._is_closing = False
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._received, self._is_upgraded = b"", False
        self._transport = transport
        transport.write(handshake(self._port, self._path(), self.seat.headers))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self._is_closing and self._task is None:
            self.lost_at = self.lost_at or time.monotonic()
            self._task = asyncio.get_running_loop().create_task(self._come_back())

    def close(self) -> None:
        self._is_closing = True
        if self._task is not None:
            self._task.cancel()
        super().close()

    def cut(self) -> None:
        """Break the connection, as a network does; the node lives on."""
        if self._transport is not None:
            self._transport.abort()

    async def _come_back(self) -> None:
        """To one half of the other nodes or the other, and to any of them when that fails."""
        others = self.seat.ports[1:] or self.seat.ports
        for attempt in range(ATTEMPTS):
            await asyncio.sleep(random.uniform(*PAUSE_SECONDS))
            self._port = others[(self.seat.index + attempt) % len(others)]
            loop = asyncio.get_running_loop()
            self.ready = loop.create_future()
            try:
                async with asyncio.timeout(ATTEMPT_SECONDS):
                    await loop.create_connection(lambda: self, HOST, self._port)
                    await self.ready
            except (OSError, TimeoutError):
                continue
            self.returned_at = time.monotonic()
            return

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._is_upgraded:
            self._take_head()
        if self._is_upgraded:
            frames, self._received = frames_in(self._received)
            for opcode, payload in frames:
                self._take(opcode, payload)

    def _take_head(self) -> None:
        head, end, rest = self._received.partition(HEAD_END)
        if not end:
            return
        if b" 101 " not in head[:16]:
            self._refused(head)
            return
        self._received, self._is_upgraded = rest, True
        hello = self._again(self.seat.hello_again) or self.seat.hello
        if hello:
            self._write(masked_frame(hello.encode()))
        if not self.seat.ready:
            self._is_ready()

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING_FRAME:
            self._write(masked_frame(payload, PONG))
        if opcode not in TEXT_FRAMES:
            return
        if payload == self.seat.ping.encode():
            self._write(masked_frame(self._pong))
        for found in STAMP.finditer(payload):
            self._tally.delivered += 1
            self.order.see(int(found[1]), int(found[2]))
        for name, mark in self._marks.items():
            for found in mark.finditer(payload):
                self._noted[name] = next(group for group in found.groups() if group).decode()
        if self.seat.ready and self.seat.ready.encode() in payload:
            self._is_ready()

    def _path(self) -> str:
        return self._again(self.seat.path_again) or self.seat.path

    def _again(self, template: str) -> str:
        """The template with what was noted; "" while something that it needs is unknown."""
        if not all(name in self._noted for name in self._marks if "{" + name + "}" in template):
            return ""
        for name, value in self._noted.items():
            template = template.replace("{" + name + "}", value)
        return template

    def _refused(self, head: bytes) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(head[:200].decode("latin1")))

    def _is_ready(self) -> None:
        if not self.ready.done():
            self.ready.set_result(None)
