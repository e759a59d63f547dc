"""The session of a user as it is kept, and as a device gets it back."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chat.demo.stage import Client, Stage
from chat.demo.verdict import Verdict

KEPT_SECONDS = 15.0
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Session:
    """The facts that have to survive."""

    id: str
    user_id: int
    message_count: int
    last_active: datetime

    @property
    def last_active_text(self) -> str:
        """Like 2026-01-31T10:30:45.123Z."""
        return self.last_active.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


async def kept_session(stage: Stage, client: Client) -> Session:
    """What LangGraph's checkpoint and the log know of a user now. Raises ChatError without the database."""
    found = await stage.sessions.inspect(client.user_id)
    active = datetime.fromisoformat(found["last_active_at"])
    return Session(found["session_id"], found["user_id"], found["message_count"], on_the_wire(active))


def on_the_wire(at: datetime) -> datetime:
    """The protocol speaks in whole milliseconds."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


async def settled_session(stage: Stage, client: Client, *, since: datetime) -> Session:
    """The kept session once nothing moves it any more: not older than `since`, and the same twice in a row."""
    kept = await kept_session(stage, client)
    async with asyncio.timeout(KEPT_SECONDS):
        while True:
            await asyncio.sleep(POLL_SECONDS)
            last, kept = kept, await kept_session(stage, client)
            if kept == last and kept.last_active >= since:
                return kept


def given_session(welcome: dict[str, Any]) -> Session:
    """What `welcome` said."""
    session = welcome["session"]
    active = datetime.fromisoformat(session["last_active"])
    return Session(session["id"], welcome["user"]["id"], session["message_count"], active)


def compare(verdict: Verdict, name: str, *, before: Session, given: Session) -> None:
    """Every fact has to be what it was."""
    for fact in ("id", "user_id", "message_count", "last_active"):
        expected, found = getattr(before, fact), getattr(given, fact)
        verdict.expect("session_differs", client=name, fact=fact, expected=str(expected), found=str(found))
