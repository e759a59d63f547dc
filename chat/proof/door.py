"""Opens the WebSocket of a device the way a browser or a bot does."""

from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.typing import Origin, Subprotocol

from chat.wire.limits import PROTOCOL, SERVER_FRAME_BYTES

WAITING_FRAMES = 32
CLOSE_SECONDS = 2.0
STATUS_FOR_GOOD = frozenset({401, 403})


class TurnedAway(ConnectionError):
    """The handshake was refused; `is_final` when trying again cannot help, `status` the HTTP status (0: none)."""

    def __init__(self, url: str, reason: Exception, *, status: int = 0) -> None:
        super().__init__(f"{url} refused the socket: {reason}")
        self.status = status
        self.is_final = status in STATUS_FOR_GOOD


async def open_socket(url: str, *, cookies: str, token: str, timeout_seconds: float) -> ClientConnection:
    """A socket that speaks the protocol. Raises TurnedAway, OSError or TimeoutError."""
    headers = {"Cookie": cookies} if cookies else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        return await connect(
            url,
            origin=Origin(origin_of(url)),
            additional_headers=headers,
            subprotocols=[Subprotocol(PROTOCOL)],
            compression=None,
            proxy=None,
            ping_interval=None,
            max_size=SERVER_FRAME_BYTES,
            max_queue=WAITING_FRAMES,
            open_timeout=timeout_seconds,
            close_timeout=CLOSE_SECONDS,
        )
    except InvalidStatus as refusal:
        raise TurnedAway(url, refusal, status=refusal.response.status_code) from refusal
    except InvalidHandshake as refusal:
        raise TurnedAway(url, refusal) from refusal


def origin_of(url: str) -> str:
    """The origin of the page that would open this socket: http for ws, https for wss."""
    parts = urlsplit(url)
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    return f"{scheme}://{parts.netloc}"
