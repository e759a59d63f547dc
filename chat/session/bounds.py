"""How large a session may grow, and what gives way first: always the least recent."""

from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import orjson

from chat.session.state import WINDOW_MESSAGES, SessionState, packed, parsed

STATE_BYTES = 64 * 1024
DEVICES = 50
CONVERSATIONS = 200
CURSOR_BYTES = 8 * 1024
"""Of one device."""

LIMITS = {
    "drafts": (CONVERSATIONS, 10 * 1024),
    "read_seqs": (CONVERSATIONS, 8 * 1024),
    "heads": (CONVERSATIONS, 8 * 1024),
    "devices": (DEVICES, 18 * 1024),
    "window": (WINDOW_MESSAGES, 12 * 1024),
}
"""How many entries and how many bytes each part may have; what is left of STATE_BYTES holds the rest with ease."""


def trim(state: SessionState) -> SessionState:
    """The changes that bring a state back within its bounds; none for a state that is."""
    grown = [part for part in LIMITS if not _fits(state, part)]
    return {part: _trimmed(part, parsed(state, part)) for part in grown}  # type: ignore[return-value]  # parts are keys


def stored_bytes(value: object) -> int:
    """The size of a value inside a stored JSON document, its quotes and escapes counted."""
    return len(orjson.dumps(value))


def _fits(state: SessionState, part: str) -> bool:
    count, size = LIMITS[part]
    text = str(state.get(part) or "{}")
    if stored_bytes(text) > size:
        return False
    entries = orjson.loads(text)
    return len(entries) <= count and (part != "devices" or all(map(_cursors_fit, entries.values())))


def _cursors_fit(device: Mapping[str, Any]) -> bool:
    return len(device["cursors"]) <= CONVERSATIONS and stored_bytes(packed(device["cursors"])) <= CURSOR_BYTES


def _trimmed(part: str, entries: dict[str, Any]) -> str:
    if part == "devices":
        entries = _by_last_seen(entries)
    count, size = LIMITS[part]
    return packed(most_recent(entries, count=count, size_bytes=size))


def _by_last_seen(devices: Mapping[str, Any]) -> dict[str, Any]:
    """Devices least recently seen first, each with as many cursors as it may keep."""
    ordered = sorted(devices.items(), key=lambda item: str(item[1]["last_seen"]))
    return {
        device: entry | {"cursors": most_recent(entry["cursors"], count=CONVERSATIONS, size_bytes=CURSOR_BYTES)}
        for device, entry in ordered
    }


def most_recent(entries: Mapping[str, Any], *, count: int, size_bytes: int) -> dict[str, Any]:
    """As many of the last entries as fit into the count and the bytes."""
    newest_first = list(entries.items())[::-1][:count]
    sizes = accumulate(stored_bytes(packed({key: value})) for key, value in newest_first)
    kept = [entry for entry, size in zip(newest_first, sizes, strict=True) if size <= size_bytes]
    return dict(kept[::-1])
