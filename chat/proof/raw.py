"""Sockets without manners: a handshake with any headers, and a peer that neither reads nor answers."""

import asyncio
import base64
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chat.proof.door import origin_of

TEXT, CLOSE = 1, 8
FRAMES_A_PIECE = 1000


async def knock(url: str, *, origin: str | None = "", **headers: str) -> tuple[int, list[dict[str, Any]]]:
    """(HTTP status or close code, events told before) of a handshake; (0, []) when the door lets us in.

    `origin` "" is that of a page of the node itself, None sends none; headers are given as `Cookie="…"`.
    """
    sent = origin_of(url) if origin == "" else origin
    extra = dict(headers) if sent is None else {**headers, "Origin": sent}
    try:
        async with connect(url, additional_headers=extra, proxy=None, open_timeout=10) as socket:
            return await _fate(socket)
    except InvalidStatus as refusal:
        return refusal.response.status_code, []


async def _fate(socket: Any) -> tuple[int, list[dict[str, Any]]]:
    """An authenticated socket stays silent until it is spoken to."""
    events: list[dict[str, Any]] = []
    try:
        async with asyncio.timeout(10):
            with suppress(ConnectionClosed):  # what was told before can still be read
                await socket.send('{"type":"ping","ref":1}')
            while True:
                events += orjson.loads(await socket.recv())
                if events[-1].get("code") == "not_ready":
                    return 0, []
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else 1006, events


async def mute_device(url: str, cookies: str, device_id: str) -> asyncio.StreamWriter:
    """A device that says hello and then neither reads nor answers a close (RFC 6455 by hand)."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**16)
    writer.write(handshake(url, cookies))
    await reader.readuntil(b"\r\n\r\n")
    writer.write(masked(orjson.dumps({"type": "hello", "ref": 1, "device": device_id})))
    await reader.read(256)  # the beginning of the welcome
    writer.transport.pause_reading()
    return writer


def handshake(url: str, cookies: str) -> bytes:
    """The request that opens a WebSocket."""
    parts = urlsplit(url)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = (
        f"GET {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Origin: {origin_of(url)}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        f"Cookie: {cookies}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def masked(payload: bytes, opcode: int = 1) -> bytes:
    """A client's frame, masked with zeros."""
    size = len(payload)
    head = bytes((0x80 | opcode, 0x80 | size)) if size < 126 else struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    return head + bytes(4) + payload


class Flood:
    """A client that sends without looking; `run` blocks. Afterwards: `heard`, `close_code` (0: none), `seconds`."""

    def __init__(self, url: str, cookies: str, hello: bytes) -> None:
        self.heard: list[dict[str, Any]] = []
        self.close_code = 0
        self.seconds = float("inf")
        self._url = url
        self._cookies = cookies
        self._hello = hello

    def run(self, frame: bytes, count: int, timeout_seconds: float) -> None:
        """Say hello, then `count` times this frame, and listen until the socket is closed."""
        parts = urlsplit(self._url)
        with socket.create_connection((parts.hostname, parts.port), timeout_seconds) as line:
            line.sendall(handshake(self._url, self._cookies))
            _read_until(line, b"\r\n\r\n")
            line.sendall(masked(self._hello))
            _read_until(line, b'"type":"welcome"')
            began = time.monotonic()
            listener = threading.Thread(target=self._listen, args=(line, began))
            listener.start()
            with suppress(OSError):
                for _ in range(count // FRAMES_A_PIECE):
                    line.sendall(masked(frame) * FRAMES_A_PIECE)
            listener.join(timeout_seconds)

    def _listen(self, line: socket.socket, began: float) -> None:
        heard = bytearray()
        with suppress(OSError):
            while piece := line.recv(65536):
                heard += piece
                if b"\x88" in piece and self._take(bytes(heard)):
                    break
        self._take(bytes(heard))
        self.seconds = time.monotonic() - began

    def _take(self, heard: bytes) -> bool:
        """Read the server's frames; whether one of them says goodbye."""
        self.heard = []
        for opcode, payload in frames_in(heard[max(heard.find(b"\x81"), 0) :]):  # the rest of the welcome comes first
            if opcode == CLOSE:
                self.close_code = int.from_bytes(payload[:2])
                return True
            self.heard += orjson.loads(payload) if opcode == TEXT else []
        return False


def _read_until(line: socket.socket, end: bytes) -> None:
    """Byte by byte, so that nothing of what follows is taken."""
    answer = b""
    while not answer.endswith(end):
        piece = line.recv(1)
        if not piece:
            raise ConnectionError(f"the server closed before it said {end!r}")
        answer += piece


def frames_in(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(opcode, payload) of the unmasked frames of a server that are whole (RFC 6455, 5.2)."""
    at = 0
    while at + 2 <= len(data):
        opcode, size, at = data[at] & 0x0F, data[at + 1] & 0x7F, at + 2
        if size > 125:
            width = 2 if size == 126 else 8
            size, at = int.from_bytes(data[at : at + width]), at + width
        if at + size > len(data):
            return
        yield opcode, data[at : at + size]
        at += size
