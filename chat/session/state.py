"""What a session is, as plain values, and how acts change it; nothing here waits or knows of a store."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

import orjson

from chat.session.acts import (
    Acked,
    Act,
    Active,
    Connected,
    Counted,
    Cursors,
    Drafted,
    Left,
    Opened,
    Posted,
    Read,
    Refreshed,
    stamp,
)

VERSION = 1
"""The shape of the state; a checkpoint of another shape is rebuilt from SQL."""
TEXT_CHARS = 200
DRAFT_CHARS = 500
EPOCH_CHARS = 32
WINDOW_MESSAGES = 50


class SessionState(TypedDict, total=False):
    """Ints and strings only: the checkpointer revives classes that are named in stored dicts.

    The structured parts are one JSON string each, least recent first: `drafts` {conversation: text}, `read_seqs`
    {conversation: seq}, `heads` {conversation: [epoch, position]}, `devices` {uuid: {cursors, node, last_seen}},
    `window` {message id: [conversation, seq, sender, at, text]}. `message_count` covers ids up to `counted_to`.
    """

    version: int
    session_id: str
    user_id: int
    started_at: str
    last_active_at: str
    message_count: int
    counted_to: int
    open_conversation: int
    drafts: str
    read_seqs: str
    heads: str
    devices: str
    window: str


def parsed(state: SessionState, part: str) -> dict[str, Any]:
    value = orjson.loads(str(state.get(part) or "{}"))
    if not isinstance(value, dict):
        raise ValueError(f"{part} is not an object")
    return value


def packed(value: Mapping[Any, object]) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


def excerpt(text: str, chars: int) -> str:
    """The beginning of a text, without the lone surrogates that no store accepts."""
    return text[:chars].encode("utf-8", "replace").decode()


def connect(state: SessionState, acts: Sequence[Act]) -> SessionState:
    """Enter the devices that came."""
    devices = parsed(state, "devices")
    for act in acts:
        if isinstance(act, Connected):
            _touch_device(devices, act.device, at=stamp(act.at))["node"] = act.node
    return {"devices": packed(devices), "last_active_at": _last_active(state, acts)}


def leave(state: SessionState, acts: Sequence[Act]) -> SessionState:
    """Mark the devices that went, unless they are on another node by now."""
    devices = parsed(state, "devices")
    for act in acts:
        if isinstance(act, Left) and devices.get(act.device, {}).get("node") == act.node:
            _touch_device(devices, act.device, at=stamp(act.at))["node"] = ""
    return {"devices": packed(devices), "last_active_at": _last_active(state, acts)}


def fold(state: SessionState, acts: Sequence[Act]) -> SessionState:
    """Enter everything that is neither coming nor going."""
    folding = _Folding(state)
    for act in acts:
        _FOLDS[type(act)](folding, act)
    return folding.changes() | {"last_active_at": _last_active(state, acts)}


class _Folding:
    """The parts of a state that are being changed, parsed when first asked for."""

    def __init__(self, state: SessionState) -> None:
        self.state = state
        self.user_id = state.get("user_id", 0)
        self.plain: SessionState = {}
        self._parts: dict[str, dict[str, Any]] = {}

    def part(self, name: str) -> dict[str, Any]:
        if name not in self._parts:
            self._parts[name] = parsed(self.state, name)
        return self._parts[name]

    def replace(self, name: str, value: Mapping[int, object]) -> None:
        self._parts[name] = {str(key): item for key, item in value.items()}

    def changes(self) -> SessionState:
        texts = {name: packed(part) for name, part in self._parts.items()}
        return self.plain | texts  # type: ignore[return-value]  # the names of parts are keys of the state


def _fold_posted(folding: _Folding, act: Posted) -> None:
    entry = [act.conversation, act.seq, folding.user_id, stamp(act.at), excerpt(act.text, TEXT_CHARS)]
    _put_last(folding.part("window"), str(act.message_id), entry)


def _fold_read(folding: _Folding, act: Read) -> None:
    reads = folding.part("read_seqs")
    _put_last(reads, str(act.conversation), max(act.seq, reads.get(str(act.conversation), 0)))


def _fold_drafted(folding: _Folding, act: Drafted) -> None:
    drafts = folding.part("drafts")
    drafts.pop(str(act.conversation), None)
    if act.text:
        drafts[str(act.conversation)] = excerpt(act.text, DRAFT_CHARS)


def _fold_opened(folding: _Folding, act: Opened) -> None:
    folding.plain["open_conversation"] = act.conversation


def _fold_acked(folding: _Folding, act: Acked) -> None:
    device = _touch_device(folding.part("devices"), act.device, at="")
    device["cursors"] = merge_cursors(device["cursors"], {str(key): item for key, item in act.cursors.items()})


def _fold_active(folding: _Folding, act: Active) -> None:
    """Its time is all that it says, and `_last_active` takes that."""


def _fold_counted(folding: _Folding, act: Counted) -> None:
    if act.counted_to >= folding.plain.get("counted_to", folding.state.get("counted_to", 0)):
        folding.plain["message_count"] = act.message_count
        folding.plain["counted_to"] = act.counted_to


def _fold_refreshed(folding: _Folding, act: Refreshed) -> None:
    drafts = {key: excerpt(text, DRAFT_CHARS) for key, text in act.drafts.items() if text}
    folding.replace("drafts", drafts)
    folding.replace("read_seqs", act.read_seqs)
    folding.replace("heads", act.heads)


_FOLDS: dict[type[Act], Callable[[_Folding, Any], None]] = {
    Posted: _fold_posted,
    Read: _fold_read,
    Drafted: _fold_drafted,
    Opened: _fold_opened,
    Acked: _fold_acked,
    Active: _fold_active,
    Counted: _fold_counted,
    Refreshed: _fold_refreshed,
}


def merge_cursors(old: Mapping[Any, Sequence[Any]], new: Mapping[Any, Sequence[Any]]) -> dict[Any, list[Any]]:
    """The further cursor of each conversation; a cursor of another epoch replaces the old one."""
    merged = {key: [excerpt(name, EPOCH_CHARS), position] for key, (name, position) in old.items()}
    for key, (name, position) in new.items():
        epoch = excerpt(name, EPOCH_CHARS)
        known_epoch, known_position = merged.get(key, (epoch, 0))
        _put_last(merged, key, [epoch, max(position, known_position) if epoch == known_epoch else position])
    return merged


def cursors_of(state: SessionState, device: str) -> Cursors:
    entry = parsed(state, "devices").get(device, {})
    return {int(key): (str(epoch), int(position)) for key, (epoch, position) in entry.get("cursors", {}).items()}


def _touch_device(devices: dict[str, Any], device: str, *, at: str) -> dict[str, Any]:
    entry: dict[str, Any] = devices.pop(device, None) or {"cursors": {}, "node": "", "last_seen": ""}
    entry["last_seen"] = max(entry["last_seen"], at)
    devices[device] = entry
    return entry


def _put_last(part: dict[Any, Any], key: Any, value: object) -> None:
    part.pop(key, None)
    part[key] = value


def _last_active(state: SessionState, acts: Sequence[Act]) -> str:
    times = [stamp(act.at) for act in acts if isinstance(act, Connected | Left | Posted | Active)]
    return max(times, default="") if not state.get("last_active_at") else max([state["last_active_at"], *times])


def folded(state: SessionState, acts: Sequence[Act]) -> SessionState:
    """The state after some acts, in the order of the graph's nodes; not trimmed."""
    doings = [act for act in acts if not isinstance(act, Connected | Left)]
    for change, its_acts in ((connect, acts), (fold, doings), (leave, acts)):
        if its_acts:
            state = {**state, **change(state, its_acts)}
    return state


def checked(values: Mapping[str, Any]) -> SessionState:
    """The state that a store gave back; raises ValueError and its like when this module has not made it."""
    state: SessionState = {key: values[key] for key in SessionState.__annotations__ if key in values}  # type: ignore[assignment]
    if state.get("version") != VERSION:
        raise ValueError("the state has another version")
    for key in ("session_id", "started_at", "last_active_at"):
        if not isinstance(state.get(key), str):
            raise ValueError(f"{key} is missing")
    for key in ("user_id", "message_count", "counted_to", "open_conversation"):
        if not isinstance(state.get(key), int):
            raise ValueError(f"{key} is missing")
    for part in ("drafts", "read_seqs", "window"):
        parsed(state, part)
    _check_cursors(parsed(state, "heads"))
    for device in parsed(state, "devices").values():
        if not isinstance(device["node"], str) or not isinstance(device["last_seen"], str):
            raise ValueError("a device is damaged")
        _check_cursors(device["cursors"])
    return state


def _check_cursors(cursors: Mapping[str, Any]) -> None:
    for key, (epoch, position) in cursors.items():
        if not key.isdecimal() or not isinstance(epoch, str) or not isinstance(position, int):
            raise ValueError("a cursor is damaged")
