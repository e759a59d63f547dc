"""Which WebSocket paths there are: the chat's, and the cluster page's."""

from typing import Any

from chat.edge.consumer import ChatConsumer
from chat.ops.cluster import socket

SOCKET_PATH = "/ws/"

_consumer = ChatConsumer.as_asgi()


async def websocket_application(scope: Any, receive: Any, send: Any) -> None:
    """The consumer on `/ws/`, the cluster page on its own; a handshake refused with 403 anywhere else."""
    if scope["path"] == SOCKET_PATH:
        await _consumer(scope, receive, send)
        return
    if scope["path"] == socket.PATH:
        await socket.cluster_socket(scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.close"})
