"""Which WebSocket paths there are: one."""

from typing import Any

from chat.edge.consumer import ChatConsumer

SOCKET_PATH = "/ws/"

_consumer = ChatConsumer.as_asgi()


async def websocket_application(scope: Any, receive: Any, send: Any) -> None:
    """The consumer on `/ws/`; a handshake refused with 403 anywhere else."""
    if scope["path"] == SOCKET_PATH:
        await _consumer(scope, receive, send)
        return
    await receive()
    await send({"type": "websocket.close"})
