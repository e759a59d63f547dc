"""What a device of the benchmark says: a text that carries sender, number and time, in a masked frame made by hand."""

import os
import re
import struct
from base64 import b64encode

MARK = b"Qm"
"""Occurs once in every message, and nowhere else in what any of the systems sends."""
STAMP = re.compile(rb"Qm(\d{4}) (\d{8}) (\d{19}) ")
STAMP_BYTES = 36
FILLER = "the five boxing wizards jump quickly and pack my box with five dozen liquor jugs "
PING = 0x89  # RFC 6455, 5.2: final fragment, opcode 9
PONG = 0x8A
TEXT = 0x81
MASKED = 0x80
SHORT, MEDIUM = 126, 1 << 16


def sender_mark(sender: int) -> bytes:
    """How every message of this sender begins."""
    return b"Qm%04d " % sender


def text_of(sender: int, number: int, now_ns: int, size: int) -> str:
    """A text of `size` characters, at least STAMP_BYTES."""
    return f"Qm{sender:04d} {number:08d} {now_ns:019d} {FILLER * (size // len(FILLER) + 1)}"[:size].rstrip() + "."


def client_id_of(sender: int, number: int) -> str:
    """A UUID that no other message of the run has."""
    return f"{sender:08x}-0000-4000-8000-{number:012x}"


def masked_frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """A whole frame as a client sends it (RFC 6455, 5.2 and 5.3)."""
    size = len(payload)
    key = os.urandom(4)
    if size < SHORT:
        head = bytes((opcode, MASKED | size))
    elif size < MEDIUM:
        head = struct.pack("!BBH", opcode, MASKED | 126, size)
    else:
        head = struct.pack("!BBQ", opcode, MASKED | 127, size)
    return head + key + masked(payload, key)


def masked(payload: bytes, key: bytes) -> bytes:
    size = len(payload)
    keys = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(keys, "little")).to_bytes(size, "little")


def handshake(port: int, path: str, headers: dict[str, str]) -> bytes:
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {b64encode(os.urandom(16)).decode()}",
        *(f"{name}: {value.replace('{port}', str(port))}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def frames_in(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """(opcode, payload) of every whole frame of a server, which masks nothing, and the bytes after the last one."""
    frames = []
    at = 0
    while len(data) - at >= 2:
        size, start = data[at + 1] & 127, at + 2
        if size == 126:
            size, start = int.from_bytes(data[start : start + 2], "big"), start + 2
        elif size == 127:
            size, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        if len(data) < start + size:
            break
        frames.append((data[at] & 15, data[start : start + size]))
        at = start + size
    return frames, data[at:]
