"""What happened, line by line: the evidence that the checker judges."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import orjson

LONG_TEXT = 80
"""Longer texts are kept as a digest, so that a million lines fit in memory."""

DELETED = "(deleted)"
BESIDE = "\x1e"
"""Stands between the text of a message and its reactions."""


class Line(NamedTuple):
    """One thing that one device did or saw.

    `what` decides which of the other fields carry a meaning:

    ========== =====================================================================================
    device     a device exists: `user`
    connected  `via` = the node's name; `text` = where the session came from
    closed     the socket is gone: `seq` = close code, `text` = its reason, `via` = the reason in `bye` ("": none)
    revoked    the device was told not to come back
    resume     a conversation starts to catch up: `via` = replay | snapshot, `changed_seq` = own cursor (0: none)
    caught_up  `changed_seq` = up to where, `text` = epoch
    received   a `message` event: all fields; `text` = what it shows, `act` = client_id, `user` = its sender,
               `via` = live | replay | snapshot | page
    heard      any other event about a conversation: `via` = its type
    post       a message leaves the device for the first time: `act` = client_id, `text`, `reply_to`
    edit, delete, react   likewise, on `seq`; `act` names the command; `text` = the new text, or emoji + "+" or "-"
    resend     a post leaves once more with the same `act`
    ok         the answer to `act`: `seq`
    error      the answer to `act`: `via` = code
    lost       the socket went away before `act` was answered
    existing   everything up to `seq` was in the conversation before the history began
    healed     a fault is over; `text` = what it was, `reply_to` = milliseconds allowed for catching up (0: any)
    violation  the device itself saw the protocol broken: `text` = what, `act` = its kind
    ========== =====================================================================================
    """

    at: float
    device: str
    what: str
    conversation: int = 0
    seq: int = 0
    changed_seq: int = 0
    act: str = ""
    text: str = ""
    via: str = ""
    user: int = 0
    reply_to: int = 0


DEFAULTS = Line._field_defaults


class History:
    """All lines of a run, in the order in which they happened, on one monotonic clock (seconds)."""

    def __init__(self, lines: Iterable[Line] = (), *, clock: Callable[[], float] = time.monotonic) -> None:
        self.lines: list[Line] = list(lines)
        self.clock = clock
        self._ended = False

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def add(self, device: str, what: str, **fields: Any) -> None:
        """Write down a line that happens now."""
        if not self._ended:
            self.lines.append(Line(self.clock(), device, what, **fields))

    def received(self, device: str, message: Mapping[str, Any], via: str) -> None:
        """Write down one `message` event as the device was given it."""
        if self._ended:
            return
        sender = message.get("sender")
        self.lines.append(
            Line(
                self.clock(),
                device,
                "received",
                message["conversation"],
                message["seq"],
                message.get("changed_seq") or message["seq"],
                message.get("client_id") or "",
                look_of(message),
                via,
                sender["id"] if sender else 0,
                message.get("reply_to") or 0,
            )
        )

    def existing(self, conversation: int, position: int) -> None:
        """Say that the conversation held changes up to `position` before anyone was watched."""
        self.add("", "existing", conversation=conversation, seq=position)

    def healed(self, fault: str, *, limit_seconds: float = 0) -> None:
        """Say that a fault is over now, and how long what was acknowledged before may take to arrive."""
        self.add("", "healed", text=fault, reply_to=round(limit_seconds * 1000))

    def end(self) -> None:
        """Write nothing from here on: what follows is tidying up, and devices that close now did not fail."""
        self._ended = True

    def dump(self, path: Path) -> None:
        """Write one JSON object per line, fields with their default left out."""
        with path.open("wb") as file:
            file.writelines(orjson.dumps(_spoken(line), option=orjson.OPT_APPEND_NEWLINE) for line in self.lines)

    @classmethod
    def load(cls, path: Path) -> "History":
        """Read what `dump` wrote."""
        with path.open("rb") as file:
            return cls(Line(**orjson.loads(row)) for row in file)


def look_of(message: Mapping[str, Any]) -> str:
    """What a person sees of a message, as a short text: equal looks are equal texts."""
    if message.get("deleted"):
        return DELETED
    text = message.get("text") or ""
    if message.get("data"):
        text += orjson.dumps(message["data"], option=orjson.OPT_SORT_KEYS).decode()
    reactions = message.get("reactions")
    if not reactions:
        return brief(text)
    shown = sorted((emoji, sorted(users)) for emoji, users in reactions.items() if users)
    return brief(text) + (f"{BESIDE}{shown}" if shown else "")


def brief(text: str) -> str:
    """The text itself, or a digest of a long one."""
    if len(text) <= LONG_TEXT:
        return text
    return f"{text[:16]}… {blake2b(text.encode(errors='surrogatepass'), digest_size=12).hexdigest()}"


def _spoken(line: Line) -> dict[str, Any]:
    pairs = zip(line._fields, line, strict=True)
    return {name: value for name, value in pairs if name not in DEFAULTS or value != DEFAULTS[name]}
