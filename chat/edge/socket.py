"""One WebSocket of Daphne, below ASGI: prepared frames, bytes that wait, and a reader that can be stopped.

ASGI has no back-pressure for sending (Daphne keeps what a slow client does not read) nor for receiving; both are
bounded here, on the Twisted transport of the connection.
"""

import struct
from functools import partial
from typing import Any

from autobahn.websocket.protocol import WebSocketProtocol
from autobahn.websocket.types import ConnectionDeny
from twisted.internet.tcp import Connection

ABORT_AFTER_SECONDS = 1.0
READ_BYTES = 8 * 1024
"""Taken from a socket in one turn of the loop: 64 KiB, Twisted's own, are two thousand frames of one who floods."""
TEXT_FRAME = 0x81  # RFC 6455, 5.2: final fragment, opcode 1
SHORT_PAYLOAD, MEDIUM_PAYLOAD = 126, 1 << 16
MASKED = 0x80


def text_frame(payload: bytes) -> bytes:
    """A whole unmasked text frame as a server sends it (RFC 6455, 5.2)."""
    size = len(payload)
    if size < SHORT_PAYLOAD:
        return bytes((TEXT_FRAME, size)) + payload
    if size < MEDIUM_PAYLOAD:
        return struct.pack("!BBH", TEXT_FRAME, 126, size) + payload
    return struct.pack("!BBQ", TEXT_FRAME, 127, size) + payload


class DaphneSocket:
    """The connection behind an ASGI `send` that Daphne made. Raises TypeError for any other server's."""

    def __init__(self, send: Any) -> None:
        if not isinstance(send, partial) or not isinstance(send.args[0], WebSocketProtocol):
            raise TypeError("distchat is served by Daphne: start it as `daphne distchat_site.asgi:application`.")
        self._protocol = send.args[0]
        if not isinstance(self._protocol.transport, Connection) or self._protocol.transport.TLS:
            raise TypeError("distchat leaves TLS to the proxy in front: give Daphne a TCP or Unix socket.")
        self.written_bytes = 0
        self._protocol.transport.bufferSize = READ_BYTES

    def forget_handshake(self) -> None:
        """Let go of the request, which Daphne, autobahn and Twisted each keep as long as the socket is open.

        To be called once it is accepted; 4 KB for each connection, a tenth of what an idle one costs.
        """
        protocol = self._protocol
        protocol.clean_headers.clear()
        protocol.http_headers.clear()
        protocol.http_request_data = b""
        requests = getattr(protocol.transport.producer, "requests", None)  # of the HTTPChannel that it began as
        if requests:
            requests.clear()

    @property
    def is_open(self) -> bool:
        return bool(self._protocol.state == WebSocketProtocol.STATE_OPEN)

    @property
    def waiting_bytes(self) -> int:
        """What was written and the kernel has not taken."""
        transport = self._protocol.transport
        return len(transport.dataBuffer) - transport.offset + transport._tempDataLen

    def write(self, frame: bytes) -> None:
        """Hand a prepared frame to the kernel, or to Twisted when the kernel is full.

        Twisted alone would buffer it, ask epoll and come back in the next turn of the loop: a fifth of the cost of a
        delivery (docs/decisions/frames.md).
        """
        if not self.is_open:
            return
        self.written_bytes += len(frame)
        transport = self._protocol.transport
        if not transport.dataBuffer and not transport._tempDataBuffer and not transport.disconnecting:
            frame = frame[_sent(transport.socket, frame) :]
        if frame:
            transport.write(frame)

    def refuse(self, status: int, reason: str) -> None:
        """Answer the handshake with this HTTP status, where ASGI knows none but 403."""
        protocol = self._protocol
        protocol.handshake_deferred.errback(ConnectionDeny(status, reason))
        del protocol.handshake_deferred
        protocol.server.protocol_disconnected(protocol)

    def pause_reading(self) -> None:
        if self.is_open:
            self._protocol.transport.pauseProducing()

    def resume_reading(self) -> None:
        if self.is_open:
            self._protocol.transport.resumeProducing()

    def ignore_input(self) -> None:
        """Throw away what is still on its way: left unread, it would have the goodbye thrown away at the other end."""
        self._protocol.dataReceived = _nothing
        self.resume_reading()

    def close(self, code: int) -> None:
        """Say goodbye; a peer that does not answer in a second is cut off."""
        if self.is_open:
            self._protocol.sendCloseFrame(code=int(code))  # sendClose allows no 1012
            self._protocol.factory.reactor.callLater(ABORT_AFTER_SECONDS, self.abort)

    def abort(self) -> None:
        """Cut the connection off, with what waits in it."""
        if self._protocol.state != WebSocketProtocol.STATE_CLOSED:
            self._protocol.transport.abortConnection()


def _nothing(data: bytes) -> None:
    """Taken, and not looked at."""


def _sent(socket: Any, frame: bytes) -> int:
    """How many bytes the kernel took; what is wrong with the socket is for Twisted to find out."""
    try:
        return int(socket.send(frame))
    except OSError:
        return 0
