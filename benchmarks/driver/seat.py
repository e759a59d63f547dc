"""Where a device sits and how it speaks there: everything that the driver knows of a system."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """`post` is a template with {client_id}, {number} and {text}, headers and paths may hold {port}.

    `ports` are the nodes', its own first, `node` the number of its own. `ready` occurs in what the server says once
    the device may post ("" = at once after the handshake). A frame that is `ping` is answered by `pong` (WebSocket's
    own pings always are). A device that comes back says what it noted: `marks` are regular expressions with one group
    each, whose latest match stands for {its name} in `path_again` and `hello_again`.
    """

    index: int
    node: int
    ports: Sequence[int]
    path: str
    post: str
    is_sender: bool
    is_watched: bool
    headers: dict[str, str] = field(default_factory=dict)
    hello: str = ""
    ready: str = ""
    ping: str = ""
    pong: str = ""
    marks: dict[str, str] = field(default_factory=dict)
    path_again: str = ""
    hello_again: str = ""
    comes_back: bool = False
    audience: int = 1
    """How many devices are in its room, itself among them."""
    text_bytes: int = 100

    def heard_by(self, audience: int) -> "Seat":
        return replace(self, audience=audience)
