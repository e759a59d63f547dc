"""Sockets without manners: a handshake with any headers, and a peer that neither reads nor answers."""

import asyncio
import base64
import os
import struct
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chat.proof.door import origin_of


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
    writer.write("\r\n".join((*lines, "", "")).encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.write(masked(orjson.dumps({"type": "hello", "ref": 1, "device": device_id})))
    await reader.read(256)  # the beginning of the welcome
    writer.transport.pause_reading()
    return writer


def masked(payload: bytes, opcode: int = 1) -> bytes:
    """A client's frame, masked with zeros."""
    size = len(payload)
    head = bytes((0x80 | opcode, 0x80 | size)) if size < 126 else struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    return head + bytes(4) + payload
