"""What SQL knows of a session: its anchor, the messages since, drafts, read positions and heads.

Plain synchronous functions for `Database.read` and `Database.write`; each uses indexes only, so that none grows with
the history of a conversation.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Left

from chat.models import ChatSession, Membership, Message
from chat.session.acts import Cursors, stamp
from chat.session.bounds import CONVERSATIONS, trim
from chat.session.state import DRAFT_CHARS, TEXT_CHARS, VERSION, WINDOW_MESSAGES, SessionState, excerpt, packed

SETTLED_SECONDS = 30
"""Ids may commit out of order (PostgreSQL draws them before the commit). A write waits 10 s at most; messages older
than three times that have no smaller id still to come, clocks that differ by some seconds included."""
WINDOW_CONVERSATIONS = 5

_TAIL = Message.objects.filter(
    sender=OuterRef("user_id"), pk__gt=OuterRef("counted_to"), kind=Message.Kind.TEXT
).order_by()
"""What the user of a session posted that its row does not count yet."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The row that survives any loss of Redis; the count covers the user's messages with an id up to `counted_to`."""

    session_id: str
    started_at: datetime
    last_active_at: datetime
    open_conversation: int | None
    message_count: int
    counted_to: int


@dataclass(frozen=True, slots=True)
class Places:
    """Where the user stands in the most recent conversations, the least recent first."""

    drafts: dict[int, str]
    read_seqs: dict[int, int]
    heads: Cursors


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything about a session that SQL is the truth of."""

    anchor: Anchor
    places: Places
    message_count: int
    last_active_at: datetime


@dataclass(frozen=True, slots=True)
class AnchorUpdate:
    user_id: int
    last_active_at: datetime
    open_conversation: int | None
    message_count: int
    counted_to: int


def ledgers_of(user_ids: Collection[int]) -> dict[int, Ledger]:
    """Of those of the users who have a session, in two queries."""
    tail = _TAIL.values("sender_id")
    count, last = tail.annotate(count=Count("pk")).values("count"), tail.annotate(last=Max("at")).values("last")
    sessions = ChatSession.objects.filter(user__in=user_ids).annotate(count=Subquery(count), last=Subquery(last))
    rows = list(sessions)
    places = _places_of(user_ids)  # read later: heads may not be older than the anchor
    return {row.user_id: _ledger(row, places[row.user_id]) for row in rows}


def ledger_of(user_id: int) -> Ledger | None:
    return ledgers_of([user_id]).get(user_id)


def _ledger(row: Any, places: Places) -> Ledger:
    return Ledger(
        _anchor(row),
        places,
        message_count=row.message_count + (row.count or 0),
        last_active_at=max(row.last_active_at, row.last or row.last_active_at),
    )


def anchor_of(user_id: int) -> Anchor | None:
    row = ChatSession.objects.filter(user_id=user_id).first()
    return None if row is None else _anchor(row)


def _anchor(row: ChatSession) -> Anchor:
    return Anchor(
        session_id=str(row.session_id),
        started_at=row.started_at,
        last_active_at=row.last_active_at,
        open_conversation=row.open_conversation,
        message_count=row.message_count,
        counted_to=row.counted_to,
    )


def create_anchor(user_id: int, now: datetime) -> bool:
    """Begin a session; False when another node or device was faster."""
    begun = {"session_id": uuid4(), "started_at": now, "last_active_at": now}
    _, created = ChatSession.objects.get_or_create(user_id=user_id, defaults=begun)
    return created


def delete_anchor(user_id: int) -> None:
    ChatSession.objects.filter(user_id=user_id).delete()


def _places_of(user_ids: Collection[int]) -> dict[int, Places]:
    found: dict[int, list[Any]] = {user_id: [] for user_id in user_ids}
    members = Membership.objects.filter(user__in=user_ids, left_at=None)
    recent = members.first_of_each_user("-updated_at", "-conversation_id", most=CONVERSATIONS)
    columns = ("user_id", "conversation_id", "conversation__epoch", "conversation__head", "read_seq", "draft")
    for user_id, *place in recent.order_by("updated_at", "conversation_id").values_list(*columns):
        found[user_id].append(place)
    return {user_id: _places(rows) for user_id, rows in found.items()}


def _places(rows: Sequence[Any]) -> Places:
    return Places(
        drafts={conversation: draft for conversation, _, _, _, draft in rows if draft},
        read_seqs={conversation: read_seq for conversation, _, _, read_seq, _ in rows},
        heads={conversation: (epoch, head) for conversation, epoch, head, _, _ in rows},
    )


def settled_count(user_id: int, now: datetime) -> tuple[int, int] | None:
    """(message_count, counted_to) moved as far as no smaller id can still appear; None without a session."""
    anchor = anchor_of(user_id)
    if anchor is None:
        return None
    tail = Message.objects.filter(sender_id=user_id, id__gt=anchor.counted_to)
    settled = Q(at__lt=now - timedelta(seconds=SETTLED_SECONDS))
    counted_to = tail.aggregate(last=Max("id", filter=settled))["last"]
    if counted_to is None:
        return anchor.message_count, anchor.counted_to
    count = tail.filter(id__lte=counted_to, kind=Message.Kind.TEXT).count()
    return anchor.message_count + count, counted_to


def save_anchor(update: AnchorUpdate) -> None:
    """Move the anchor forward, never back; each statement may be repeated and may lose a race."""
    row = ChatSession.objects.filter(user_id=update.user_id)
    activity: dict[str, Any] = {"last_active_at": update.last_active_at}
    if update.open_conversation is not None:
        activity["open_conversation"] = update.open_conversation
    with transaction.atomic():
        row.filter(last_active_at__lte=update.last_active_at).update(**activity)
        row.filter(counted_to__lt=update.counted_to).update(
            message_count=update.message_count, counted_to=update.counted_to
        )


def seed_of(user_id: int) -> SessionState | None:
    """A whole session from SQL alone, within its bounds; None without an anchor."""
    ledger = ledger_of(user_id)
    if ledger is None:
        return None
    anchor, places = ledger.anchor, ledger.places
    state: SessionState = {
        "version": VERSION,
        "session_id": anchor.session_id,
        "user_id": user_id,
        "started_at": stamp(anchor.started_at),
        "last_active_at": stamp(ledger.last_active_at),
        "message_count": anchor.message_count,
        "counted_to": anchor.counted_to,
        "open_conversation": anchor.open_conversation or 0,
        "drafts": packed({key: excerpt(text, DRAFT_CHARS) for key, text in places.drafts.items()}),
        "read_seqs": packed(places.read_seqs),
        "heads": packed(places.heads),
        "devices": "{}",
        "window": packed(_window_of(list(places.heads)[-WINDOW_CONVERSATIONS:])),
    }
    return {**state, **trim(state)}


def _window_of(conversations: Sequence[int]) -> dict[int, list[object]]:
    """The last messages of some conversations, by message id, the oldest first."""
    rows = [row for conversation in conversations for row in _latest_in(conversation)]
    rows = sorted(rows, key=lambda row: int(row[0]))[-WINDOW_MESSAGES:]
    return {
        message_id: [conversation, seq, sender, stamp(at), excerpt(text, TEXT_CHARS)]
        for message_id, conversation, seq, sender, at, text in rows
    }


def _latest_in(conversation: int) -> list[Any]:
    latest = Message.objects.filter(conversation_id=conversation, deleted=False).order_by("-seq")
    columns = ("id", "conversation_id", "seq", "sender_id", "at", "beginning")
    return list(latest.annotate(beginning=Left("text", TEXT_CHARS)).values_list(*columns)[:WINDOW_MESSAGES])
