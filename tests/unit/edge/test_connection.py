"""What a connection is told before its device has been welcomed."""

import orjson
import pytest

from accounts.access import Access
from chat.edge.connection import Connection
from chat.edge.throttle import ConnectionLimits, Rates
from chat.fanout.outbox import Outbox
from chat.wire.errors import ChatError, ErrorCode


class Socket:
    """Remembers what was written to it."""

    waiting_bytes = written_bytes = 0

    def __init__(self) -> None:
        self.frames: list[bytes] = []

    def write(self, frame: bytes) -> None:
        self.frames.append(frame)


def opened() -> tuple[Connection, Socket, Outbox]:
    socket, outbox = Socket(), Outbox(lambda text: text)
    access = Access(user_id=1)
    return Connection(socket, outbox, access, "", ConnectionLimits(Rates(50, 500))), socket, outbox


def told(socket: Socket) -> list[str]:
    return [event["type"] for frame in socket.frames for event in orjson.loads(frame)]


async def test_what_concerns_the_user_comes_after_the_welcome_and_is_not_lost():
    connection, socket, outbox = opened()

    connection.tell(b'{"type":"draft"}')
    connection.tell(b'{"type":"read"}')
    connection.refuse(ChatError(ErrorCode.NOT_READY))
    outbox.flush_all()
    assert told(socket) == ["error"]

    connection.welcome({"type": "welcome"})
    connection.tell(b'{"type":"device"}')
    outbox.flush_all()
    assert told(socket) == ["error", "welcome", "draft", "read", "device"]


@pytest.mark.parametrize("was_welcomed", [False, True])
async def test_a_second_hello_is_answered_by_its_own_welcome_and_nothing_older(was_welcomed: bool):
    connection, socket, outbox = opened()
    if was_welcomed:
        connection.welcome({"type": "welcome"})
    else:
        connection.tell(b'{"type":"draft"}')
    outbox.flush_all()
    socket.frames.clear()

    connection.await_welcome()
    connection.tell(b'{"type":"read"}')
    outbox.flush_all()
    assert told(socket) == []
    connection.welcome({"type": "welcome"})
    outbox.flush_all()
    assert told(socket) == ["welcome", "read"]
