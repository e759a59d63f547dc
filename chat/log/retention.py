"""Lets old messages go: they become tombstones, each at a position of its own, so that every device hears of it."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Least

from chat.log import sql
from chat.log.batch import CHANGED_FIELDS
from chat.models import AssistantSettings, Message


def expiring(before: datetime) -> "QuerySet[Message]":
    """Messages that people and programs wrote before that time, and that still say something."""
    return Message.objects.filter(kind=Message.Kind.TEXT, deleted=False, at__lt=before)


def expire_some(conversation_id: int, before: datetime, *, after: int, most: int) -> list[int]:
    """Clear at most `most` messages behind the seq `after`, in one transaction; their seqs, ascending.

    The assistant forgets its summary with them, for it may repeat what they said.
    """
    with transaction.atomic():
        locked = sql.lock_conversations([conversation_id]).get(conversation_id)
        if locked is None:
            return []
        found = list(expiring(before).filter(conversation_id=conversation_id, seq__gt=after).order_by("seq")[:most])
        if not found:
            return []
        for message in found:
            locked.head += 1
            message.changed_seq = locked.head
            _clear(message)
        Message.objects.bulk_update(found, CHANGED_FIELDS)
        sql.save_conversations([locked])
        _forget_summary(conversation_id, up_to=found[-1].seq)
    return [message.seq for message in found]


def _clear(message: Message) -> None:
    message.deleted = True
    message.text = message.html = ""
    message.reactions, message.attachments, message.data = {}, [], None


def _forget_summary(conversation_id: int, *, up_to: int) -> None:
    told = AssistantSettings.objects.filter(conversation_id=conversation_id).exclude(summary="")
    told.update(summary="", summary_to=Least(F("summary_to"), up_to))
