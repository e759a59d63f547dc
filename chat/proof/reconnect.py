"""When a device comes back after its socket closed, and whether it does."""

import random

from chat.wire.limits import CloseCode

FOR_GOOD = frozenset({CloseCode.BROKEN_PROTOCOL, CloseCode.NOT_LOGGED_IN, CloseCode.REVOKED})
AT_ONCE = frozenset({CloseCode.RESTART, CloseCode.TOO_SLOW})

JITTER_SECONDS = 0.25
FLOODING_SECONDS = 5.0
LONGEST_SECONDS = 5.0


def seconds_until_retry(code: int | None, *, told_ms: int | None, failures: int, chance: random.Random) -> float | None:
    """How long to wait before the next try; None means never.

    `code` is the close code (None: it never opened), `told_ms` what the server asked for in `bye` or an error,
    `failures` how many tries in a row have failed.
    """
    if code in FOR_GOOD:
        return None
    if told_ms is not None:
        return told_ms / 1000
    if code == CloseCode.FLOODING:
        return FLOODING_SECONDS
    if code in AT_ONCE or not failures:
        return chance.uniform(0, JITTER_SECONDS)
    return chance.uniform(0, min(LONGEST_SECONDS, JITTER_SECONDS * 2**failures))
