"""One open WebSocket of a device, as the rest of the node knows it."""

from uuid import UUID

from accounts.access import Access
from chat.edge.socket import DaphneSocket
from chat.edge.throttle import ConnectionLimits
from chat.fanout.outbox import Outbox
from chat.wire import codec
from chat.wire.errors import ChatError
from chat.wire.events import conversation, error
from chat.wire.limits import CLOSE_TOO_SLOW, OUTBOX_BYTES
from chat.wire.shapes import Event


class Connection:
    """Follows conversations for one user; what is sent to it waits in `pending` until the outbox writes it.

    `conversations` maps the id of every conversation that this connection follows to its epoch; `small` are those
    whose members hear of each other's typing and receipts; `contacts` are the users it can see.
    """

    def __init__(
        self, socket: DaphneSocket, outbox: Outbox, access: Access, address: str, limits: ConnectionLimits
    ) -> None:
        self.socket = socket
        self.access = access
        self.user_id = access.user_id
        self.address = address
        self.limits = limits
        self.device: UUID | None = None
        self.device_name = ""
        self.is_ready = False
        self.closed_with: int | None = None
        self.pending: list[bytes] = []
        self.quiet_until = 0.0
        self.conversations: dict[int, str] = {}
        self.small: set[int] = set()
        self.contacts: set[int] = set()
        self._early: list[bytes] | None = []
        self._outbox = outbox
        self._drained_before = 0

    def send(self, *events: Event) -> None:
        """Have events sent, in order, with whatever else goes to this connection in a moment."""
        self.send_encoded(b",".join(map(codec.encode, events)))

    def tell(self, event: bytes) -> None:
        """Send what concerns the user; what comes before the welcome waits for it."""
        if self._early is None:
            self.send_encoded(event)
        else:
            self._early.append(event)

    def await_welcome(self) -> None:
        """As before the first hello: what was kept for an earlier welcome is in the next one."""
        self._early = []

    def welcome(self, event: Event) -> None:
        """Send the welcome, and then what the device should have heard of since it is followed."""
        early, self._early = self._early or (), None
        self.send(event)
        for each in early:
            self.send_encoded(each)

    def send_encoded(self, events: bytes) -> None:
        if self.closed_with is None:
            self._outbox.put(self, events)

    def refuse(self, reason: ChatError, ref: int | None = None) -> None:
        self.send(error(reason, ref=ref))

    def write(self, frame: bytes) -> None:
        """Write one prepared frame; a reader with too much waiting is let go and comes back by its cursor."""
        self.socket.write(frame)
        if self.socket.waiting_bytes > OUTBOX_BYTES:
            self.cut_off()

    def close(self, code: int, *last_words: Event) -> None:
        """Write what waits and the last words, then close; later calls do nothing."""
        if self.closed_with is not None:
            return
        if last_words:
            self.send(*last_words)
        self._outbox.flush_one(self)
        self._end(code)

    def cut_off(self) -> None:
        """Close a connection that does not read: nothing more is written to it."""
        if self.closed_with is None:
            self._outbox.forget(self)
            self._end(CLOSE_TOO_SLOW)

    def detached(self, conversation_id: int) -> None:
        """The user is no longer a member: forget the conversation, and say so once."""
        self.small.discard(conversation_id)
        if self.conversations.pop(conversation_id, None) is not None:
            self.send(conversation(conversation_id, entry=None))

    def has_stalled(self) -> bool:
        """Whether bytes wait and none of them moved since this was asked before."""
        drained = self.socket.written_bytes - self.socket.waiting_bytes
        stalled = self.socket.waiting_bytes > 0 and drained == self._drained_before
        self._drained_before = drained
        return stalled

    def _end(self, code: int) -> None:
        if self.closed_with is None:
            self.closed_with = code
            self.socket.close(code)
