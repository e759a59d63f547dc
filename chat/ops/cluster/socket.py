"""The WebSocket of the cluster page: for staff with a session, who are looked at again while it is open."""

from typing import Any

from accounts.access import Access
from chat.edge.credentials import authenticate, headers_of, is_from_here
from chat.edge.socket import DaphneSocket, text_frame
from chat.node import Node
from chat.ops.cluster.desk import Desk, running_desk
from chat.ops.cluster.staff import allowed
from chat.wire.errors import ChatError
from chat.wire.limits import CLOSE_TOO_SLOW

PATH = "/ws/cluster/"
WAITING_BYTES = 512 * 1024
"""A page that has not read so much is let go; it comes back by itself."""


class PageWindow:
    """One open page, as the lookout shows it the cluster."""

    def __init__(self, socket: DaphneSocket, access: Access) -> None:
        self.access = access
        self._socket = socket

    def show(self, text: bytes) -> None:
        if self._socket.waiting_bytes > WAITING_BYTES:
            self.close(CLOSE_TOO_SLOW)
        else:
            self._socket.write(text_frame(text))

    def close(self, code: int) -> None:
        self._socket.close(code)


async def cluster_socket(scope: Any, receive: Any, send: Any) -> None:
    """Refuse the handshake with 403, or show the cluster until the page goes. What the page says is not listened to."""
    await receive()
    desk = await running_desk()
    access = await _access(desk.node, scope)
    if access is None or desk.lookout.is_full or desk.node.is_leaving:
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    await _show(desk, PageWindow(DaphneSocket(send), access), receive)


async def _show(desk: Desk, window: PageWindow, receive: Any) -> None:
    async with desk.lookout.showing(window):
        while (await receive())["type"] != "websocket.disconnect":
            pass


async def _access(node: Node, scope: Any) -> Access | None:
    """The login of this browser, if it may look; programs with a token may read /metrics."""
    headers = headers_of(scope)
    if not is_from_here(headers) or b"authorization" in headers:
        return None
    try:
        access = await authenticate(node.database, headers)
        may_look = access is not None and bool(await node.database.read(allowed, [access]))
    except ChatError:
        return None
    return access if may_look else None
