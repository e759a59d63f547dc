"""The closed vocabulary of what can go wrong, each word telling the client what to do."""

from enum import StrEnum


class ErrorCode(StrEnum):
    """One word per reason; `docs/protocol.md` says the same to people who write clients."""

    BAD_FRAME = "bad_frame"  # the frame is not JSON, not an object or array, or too large: mend the client
    BAD_COMMAND = "bad_command"  # one command has a wrong type, field or value: mend the client, do not resend
    NOT_READY = "not_ready"  # something was said before `welcome`: wait for it, then resend
    NOT_FOUND = "not_found"  # no such thing, or none that you may see: forget it
    FORBIDDEN = "forbidden"  # you see it, but may not do this: do not resend
    TOO_LONG = "too_long"  # text over its limit: shorten it
    RATE_LIMITED = "rate_limited"  # too many: resend after `retry_after_ms`
    CONFLICT = "conflict"  # the state has moved on, or the client_id is taken by other content: read again
    LIMIT = "limit"  # a bound on how many is reached: make room first
    UNSUPPORTED = "unsupported"  # known to the protocol, not to this server: do not resend
    UNAVAILABLE = "unavailable"  # the store cannot be reached, or not in time: resend with the same client_id
    BUSY = "busy"  # the node has too much waiting: resend after a pause, with the same client_id
    INTERNAL = "internal"  # a bug in the server; it may or may not have been done: resend once, same client_id


RETRYABLE = frozenset(
    {
        ErrorCode.NOT_READY,
        ErrorCode.RATE_LIMITED,
        ErrorCode.UNAVAILABLE,
        ErrorCode.BUSY,
        ErrorCode.INTERNAL,
    }
)

DETAILS = {
    ErrorCode.BAD_FRAME: "The frame is not a JSON object or an array of them.",
    ErrorCode.BAD_COMMAND: "The command is not valid.",
    ErrorCode.NOT_READY: "Say hello first and wait for the welcome.",
    ErrorCode.NOT_FOUND: "There is no such thing, or you may not see it.",
    ErrorCode.FORBIDDEN: "You may not do this.",
    ErrorCode.TOO_LONG: "The text is too long.",
    ErrorCode.RATE_LIMITED: "Too many commands; wait a little.",
    ErrorCode.CONFLICT: "This has changed in the meantime.",
    ErrorCode.LIMIT: "There is no room for more.",
    ErrorCode.UNSUPPORTED: "This server cannot do that.",
    ErrorCode.UNAVAILABLE: "The store cannot be reached; try again.",
    ErrorCode.BUSY: "The node is busy; try again.",
    ErrorCode.INTERNAL: "Something went wrong on the server.",
}


class ChatError(Exception):
    """The one exception below the doors; `detail` is a short English sentence that a client may see."""

    def __init__(self, code: ErrorCode, detail: str = "", *, retry_after_ms: int | None = None) -> None:
        self.code = code
        self.detail = detail or DETAILS[code]
        self.retry_after_ms = retry_after_ms
        super().__init__(code, self.detail, retry_after_ms)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"

    @property
    def retryable(self) -> bool:
        """Whether the same command may succeed later, unchanged."""
        return self.code in RETRYABLE
