"""An application that says what reached it, for tests of proxies: each page and each socket tells its scope.

With `DISTCHAT_NODE=leaving` it refuses sockets as a node does that is going away, and is not ready.
"""

import os
from typing import Any

import orjson

from chat.edge.socket import DaphneSocket

IS_LEAVING = os.environ.get("DISTCHAT_NODE") == "leaving"


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        status = 404 if IS_LEAVING and scope["path"] == "/readyz" else 200
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": told(scope)})
        return
    await receive()
    if IS_LEAVING:
        DaphneSocket(send).refuse(503, "This node is going away")
        return
    await send({"type": "websocket.accept", "subprotocol": next(iter(scope["subprotocols"]), None)})
    await send({"type": "websocket.send", "text": told(scope).decode()})
    while (message := await receive())["type"] != "websocket.disconnect":
        await send({"type": "websocket.send", "text": message["text"]})


def told(scope: dict[str, Any]) -> bytes:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode(), []).append(value.decode("latin1"))
    return orjson.dumps({"node": os.environ["DISTCHAT_NODE"], "path": scope["path"], "headers": headers})
