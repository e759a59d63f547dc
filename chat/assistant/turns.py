"""Turns in SQL: who works on which, until when, at which attempt. Times are the database's, for clocks differ."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Now

from chat.log.turns import earlier_answer
from chat.models import Conversation, Turn

LEASE_SECONDS = 3.5
BEAT_SECONDS = 1.0
ATTEMPTS = 3
LEASE = timedelta(seconds=LEASE_SECONDS)
FAILURE_TOLD = timedelta(days=1)
END_TOLD = timedelta(minutes=1)
Status = Turn.Status


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn that this node may work on; `replaces` is the seq of the answer that is asked for again."""

    turn: UUID
    conversation: int
    trigger: int
    asker: int
    program: int
    attempt: int
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a turn is, for those who watch it."""

    turn: UUID
    conversation: int
    trigger: int
    asker: int
    attempt: int
    status: str
    reason: str
    text: str
    answer_seq: int | None


def claim(owner: str, most: int, grace: timedelta = timedelta(0), asked_here: Iterable[int] = ()) -> list[Claim]:
    """Take up to `most` turns that wait or whose owner is gone: the oldest first, one of each conversation.

    What began less than `grace` ago is left to the node where it was asked for (there, the conversation is among
    `asked_here`), so that they do not all reach for it; what began in the future did so by a clock that is wrong.
    """
    free = _free(most, grace, list(asked_here))
    return claim_all(free, owner) if free else []


def claim_all(free: list[UUID], owner: str) -> list[Claim]:
    """Those of these turns that still can be taken."""
    try:
        with transaction.atomic():
            return [claim for pk in free if (claim := _claim_row(pk, owner))]
    except IntegrityError:  # another node has begun a turn of one of these conversations
        return [claim for pk in free if (claim := _claim_alone(pk, owner))]


def _free(most: int, grace: timedelta, asked_here: list[int]) -> list[UUID]:
    is_orphan = Q(status=Status.RUNNING, lease_until__lt=Now())
    busy = Turn.objects.filter(status=Status.RUNNING, lease_until__gte=Now()).values("conversation_id")
    is_ours = ~Q(created_at__range=(Now() - grace, Now() + grace)) | Q(conversation_id__in=asked_here)
    waiting = Q(status=Status.QUEUED) & ~Q(conversation_id__in=busy) & is_ours
    rows = Turn.objects.filter(is_orphan | waiting, status__in=Turn.ACTIVE).order_by("created_at", "trigger")
    first: dict[int, UUID] = {}
    for pk, conversation, status in rows.values_list("pk", "conversation_id", "status")[: most * 4]:
        if conversation not in first or status == Status.RUNNING:
            first[conversation] = pk
    return list(first.values())[:most]


def _claim_alone(pk: UUID, owner: str) -> Claim | None:
    try:
        with transaction.atomic():
            return _claim_row(pk, owner)
    except IntegrityError:
        return None


def _claim_row(pk: UUID, owner: str) -> Claim | None:
    free = Q(status=Status.QUEUED) | Q(status=Status.RUNNING, lease_until__lt=Now())
    rows = Turn.objects.filter(free, pk=pk)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(skip_locked=True)
    turn = rows.first()
    if turn is None:
        return None
    if turn.attempt >= ATTEMPTS and turn.attempt >= attempts_for(pk):
        fail(pk, turn.attempt, "attempts")
        return None
    Turn.objects.filter(pk=pk).update(
        status=Status.RUNNING, attempt=turn.attempt + 1, owner=owner, lease_until=Now() + LEASE, text=""
    )
    return Claim(
        pk, turn.conversation_id, turn.trigger, turn.asker_id, turn.program_id, turn.attempt + 1, _earlier_answer(turn)
    )


def _earlier_answer(turn: Turn) -> int | None:
    if not turn.regeneration:
        return None
    earlier = earlier_answer(turn)
    return None if earlier is None else earlier.seq


def renew(turn: UUID, attempt: int, text: str) -> bool:
    """Hold on to a turn for another lease; False when it is no longer ours: stopped, or another attempt runs."""
    mine = Turn.objects.filter(pk=turn, attempt=attempt, status=Status.RUNNING)
    return bool(mine.update(lease_until=Now() + LEASE, text=text))


def try_again(turn: UUID, attempt: int) -> int | None:
    """The number of the next attempt by the same owner, or None when there is none left or it is no longer ours."""
    if attempt >= attempts_for(turn):
        return None
    mine = Turn.objects.filter(pk=turn, attempt=attempt, status=Status.RUNNING)
    return attempt + 1 if mine.update(attempt=F("attempt") + 1, lease_until=Now() + LEASE, text="") else None


def attempts_for(turn: UUID) -> int:
    """How many there may be: each message that was taken into the turn has it begin again, through no fault of it."""
    return ATTEMPTS + Turn.objects.filter(steered_into=turn).count()


def fail(turn: UUID, attempt: int, reason: str) -> bool:
    """End a turn without an answer; False when it is no longer ours."""
    mine = Turn.objects.filter(pk=turn, attempt=attempt, status=Status.RUNNING)
    return bool(mine.update(status=Status.FAILED, reason=reason, ended_at=Now(), lease_until=None, text=""))


def hand_over(owner: str) -> int:
    """Let go of what this node still works on: another one takes it up at once, without counting an attempt less."""
    return Turn.objects.filter(owner=owner, status=Status.RUNNING).update(lease_until=Now() - LEASE)


def standing(turns: Iterable[UUID]) -> list[Standing]:
    """Where these turns are."""
    return _standings(Turn.objects.filter(pk__in=list(turns)))


def active_everywhere(most: int = 1000) -> list[Standing]:
    """The turns that are not done, the latest first."""
    return _standings(Turn.objects.filter(status__in=Turn.ACTIVE).order_by("-created_at")[:most])


def latest_in(conversation: int, limit: int = 10) -> list[Standing]:
    """The turns that began last in a conversation: those that are not done, and those that have just ended."""
    rows = Turn.objects.filter(conversation_id=conversation).order_by("-created_at", "-trigger")[:limit]
    fresh = Q(status__in=Turn.ACTIVE) | Q(ended_at__gt=Now() - END_TOLD)
    return _standings(Turn.objects.filter(fresh, pk__in=[row.pk for row in rows]).order_by("-created_at", "-trigger"))


def to_be_told(conversations: Iterable[int]) -> list[Standing]:
    """What newcomers to these conversations must hear: turns that are not done, and a last one that has just failed."""
    ids = list(conversations)
    newest_first = Turn.objects.filter(conversation_id=OuterRef("pk")).order_by("-trigger", "-regeneration")
    last = Conversation.objects.filter(pk__in=ids).values_list(Subquery(newest_first.values("pk")[:1]), flat=True)
    failed = Turn.objects.filter(
        pk__in=[pk for pk in last if pk], status=Status.FAILED, ended_at__gt=Now() - FAILURE_TOLD
    )
    active = Turn.objects.filter(conversation_id__in=ids, status__in=Turn.ACTIVE)
    return _standings([*failed, *active.order_by("created_at", "trigger")])


def _standings(rows: "Iterable[Turn]") -> list[Standing]:
    return [
        Standing(
            row.pk,
            row.conversation_id,
            row.trigger,
            row.asker_id,
            row.attempt,
            row.status,
            row.reason,
            row.text,
            row.answer_seq,
        )
        for row in rows
    ]
