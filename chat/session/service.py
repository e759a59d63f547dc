"""The session service of a node: restores a user's session on connect, and keeps it up behind the delivery path."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from chat.database import Database
from chat.session import sql
from chat.session.acts import Act, Connected, Cursors, Left, Refreshed
from chat.session.bounds import stored_bytes
from chat.session.checkpoints import Checkpoints, StoreAway, Unreadable
from chat.session.folder import Folder
from chat.session.state import SessionState, cursors_of, folded, parsed

Source = Literal["checkpoint", "log", "new"]
DRAIN_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Restored:
    """A session as a device gets it back; `last_active_at` is from before this connection.

    `source` is where it came from: the checkpoint and the log's tail, the log alone, or nowhere. `cursors` are those
    that this device had acknowledged, empty when they are not known.
    """

    session_id: str
    source: Source
    started_at: datetime
    last_active_at: datetime
    message_count: int
    open_conversation: int | None
    drafts: dict[int, str]
    read_seqs: dict[int, int]
    cursors: Cursors

    @property
    def restored(self) -> bool:
        return self.source != "new"


def utc_now() -> datetime:
    return datetime.now(UTC)


class SessionService:
    """One for each node; `checkpoints` may be away at any time, `database` is the truth."""

    def __init__(
        self,
        database: Database,
        checkpoints: Checkpoints,
        *,
        node_name: str,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._checkpoints = checkpoints
        self._node_name = node_name
        self.restores: Counter[Source] = Counter()
        self._clock = clock
        self._folder = Folder(database, checkpoints, clock)

    async def start(self) -> None:
        await self._checkpoints.start()
        self._folder.start()

    async def stop(self) -> None:
        """Save what is waiting, then end."""
        await self.flush(within_seconds=DRAIN_SECONDS)
        await self._folder.stop()
        await self._checkpoints.stop()

    def health(self) -> dict[str, str]:
        """{"checkpointer": "redis" | "memory" | "none", "reason": "" or why there is none}."""
        return self._checkpoints.health()

    def statistics(self) -> dict[str, int]:
        """Counters for metrics: {"folds", "failures", "users_waiting"}; see also `restores` and `oldest_seconds`."""
        folder = self._folder
        return {"folds": folder.folds, "failures": folder.failures, "users_waiting": folder.users_waiting}

    @property
    def oldest_seconds(self) -> float:
        """How far the checkpoints are behind: the age of the oldest act that is in none."""
        return self._folder.oldest_seconds

    async def restore(self, user_id: int, device: str) -> Restored:
        """Bring the session back, and enter the device as connected to this node.

        Two queries when there is a session. Raises ChatError(UNAVAILABLE) without the database.
        """
        restored = await self._restored(user_id, device)
        self.restores[restored.source] += 1
        return restored

    async def _restored(self, user_id: int, device: str) -> Restored:
        ledger, state = await asyncio.gather(self._database.read_each(sql.ledgers_of, user_id), self._loaded(user_id))
        if ledger is None:
            return await self._begin(user_id, device)
        if state is not None and agrees(state, ledger):
            restored = self._from_checkpoint(ledger, state, user_id, device)
        else:
            restored = _from_log(ledger)
        if restored.source == "log" and self._checkpoints.is_open:  # while it is away nothing is known of what it has
            self._folder.mark_stale(user_id)
        self._folder.note(user_id, _refreshed(ledger.places))
        self._enter(user_id, device, restored.session_id)
        return restored

    def note(self, user_id: int, act: Act) -> None:
        """Something that this user did; folded within seconds, never waited for."""
        if isinstance(act, Left) and not act.node:
            act = replace(act, node=self._node_name)
        self._folder.note(user_id, act)

    async def flush(self, user_ids: Iterable[int] | None = None, within_seconds: float = DRAIN_SECONDS) -> None:
        """Fold these users, or all, now: at a disconnect and at a drain. Never raises for want of a store."""
        await self._folder.flush(user_ids, within_seconds)

    async def inspect(self, user_id: int) -> dict[str, Any]:
        """What is kept of a session, as readable JSON; {"source": "none"} when there is no session.

        "checkpoint" says what became of it: "good", "missing", "unreadable", "outdated" or "away"; each device has
        "lag", the number of changes by which its cursors are behind the log.
        """
        ledger = await self._database.read(sql.ledger_of, user_id)
        if ledger is None:
            return {"user_id": user_id, "source": "none"}
        checkpoint, state = await self._examined(user_id, ledger)
        if state is None:
            state = await self._database.read(sql.seed_of, user_id) or {}
        return _readable(user_id, ledger, state, checkpoint=checkpoint, now=self._clock())

    async def rebuild(self, user_id: int) -> dict[str, Any]:
        """Replace the checkpoint by what SQL says, and show the result as `inspect` does."""
        self._folder.mark_stale(user_id)
        await self.flush([user_id])
        return await self.inspect(user_id)

    async def clear(self, user_id: int) -> None:
        """Forget the session; the next connection begins a new one. Messages, drafts, read positions stay.

        Raises ChatError(UNAVAILABLE) without the database; without the store the checkpoint is outdated by itself.
        """
        self._folder.forget(user_id)
        await self._database.write(sql.delete_anchor, user_id)
        try:
            await self._checkpoints.forget(user_id)
        except (StoreAway, Unreadable):
            return

    async def sizes(self) -> dict[str, int]:
        """{"sessions", "bytes"} that the store holds, at most 10,000 of them looked at; zeros without a store."""
        try:
            sessions, size = await self._checkpoints.sizes()
        except (StoreAway, Unreadable):
            return {"sessions": 0, "bytes": 0}
        return {"sessions": sessions, "bytes": size}

    async def _loaded(self, user_id: int) -> SessionState | None:
        try:
            return await self._checkpoints.load(user_id)
        except (StoreAway, Unreadable):
            return None

    async def _begin(self, user_id: int, device: str) -> Restored:
        created = await self._database.write(sql.create_anchor, user_id, self._clock())
        ledger = await self._database.read(sql.ledger_of, user_id)
        assert ledger is not None
        self._folder.mark_stale(user_id)
        self._enter(user_id, device, ledger.anchor.session_id)
        return replace(_from_log(ledger), source="new") if created else _from_log(ledger)

    def _from_checkpoint(self, ledger: sql.Ledger, state: SessionState, user_id: int, device: str) -> Restored:
        state = folded(state, self._folder.waiting_acts(user_id))
        active_at = datetime.fromisoformat(state["last_active_at"])
        restored = replace(_from_log(ledger), source="checkpoint", cursors=cursors_of(state, device))
        if active_at < ledger.anchor.last_active_at:  # the checkpoint has missed something that the anchor has not
            return restored
        opened = state["open_conversation"] or None
        return replace(restored, last_active_at=max(active_at, ledger.last_active_at), open_conversation=opened)

    def _enter(self, user_id: int, device: str, session_id: str) -> None:
        self._folder.enter(user_id, session_id)
        self._folder.note(user_id, Connected(device, self._node_name, self._clock()))

    async def _examined(self, user_id: int, ledger: sql.Ledger) -> tuple[str, SessionState | None]:
        try:
            state = await self._checkpoints.load(user_id)
        except StoreAway:
            return "away", None
        except Unreadable:
            return "unreadable", None
        if state is None:
            return "missing", None
        return ("good", state) if agrees(state, ledger) else ("outdated", None)


def agrees(state: SessionState, ledger: sql.Ledger) -> bool:
    """Whether a checkpoint belongs to this session and to this life of the log, and is not ahead of it."""
    if state["session_id"] != ledger.anchor.session_id or state["counted_to"] > ledger.anchor.counted_to:
        return False
    now = ledger.places.heads
    for key, (epoch, position) in parsed(state, "heads").items():
        if int(key) in now and not (epoch == now[int(key)][0] and position <= now[int(key)][1]):
            return False
    return True


def _from_log(ledger: sql.Ledger) -> Restored:
    return Restored(
        session_id=ledger.anchor.session_id,
        source="log",
        started_at=ledger.anchor.started_at,
        last_active_at=ledger.last_active_at,
        message_count=ledger.message_count,
        open_conversation=ledger.anchor.open_conversation or None,
        drafts=ledger.places.drafts,
        read_seqs=ledger.places.read_seqs,
        cursors={},
    )


def _refreshed(places: sql.Places) -> Refreshed:
    return Refreshed(drafts=places.drafts, read_seqs=places.read_seqs, heads=places.heads)


def _readable(
    user_id: int, ledger: sql.Ledger, state: SessionState, *, checkpoint: str, now: datetime
) -> dict[str, Any]:
    active_at = state.get("last_active_at", "")
    heads = {str(key): head for key, head in ledger.places.heads.items()}
    parts = {part: parsed(state, part) for part in ("drafts", "read_seqs", "heads", "devices", "window")}
    for device in parts["devices"].values():
        device["lag"] = _lag(device["cursors"], heads)
    return {
        "user_id": user_id,
        "session_id": ledger.anchor.session_id,
        "source": "checkpoint" if checkpoint == "good" else "log",
        "checkpoint": checkpoint,
        "bytes": stored_bytes(state),
        "started_at": ledger.anchor.started_at.isoformat(),
        "last_active_at": max(active_at, ledger.last_active_at.isoformat()),
        "idle_seconds": max(0, int((now - ledger.last_active_at).total_seconds())),
        "message_count": ledger.message_count,
        "counted_to": ledger.anchor.counted_to,
        "open_conversation": state.get("open_conversation", 0) or None,
        **parts,
    }


def _lag(cursors: dict[str, Any], heads: dict[str, tuple[str, int]]) -> int:
    """By how many changes a device is behind; a conversation of which it has no cursor does not count."""
    behind = (heads[key][1] - position for key, (epoch, position) in cursors.items() if key in heads)
    return sum(max(0, changes) for changes in behind)
