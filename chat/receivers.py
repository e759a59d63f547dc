"""Passes on what accounts say about access to every node that may hold sockets of that user."""

import logging
from collections.abc import Collection, Iterable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db.models import F
from django.db.models.signals import post_save
from redis.exceptions import RedisError

from accounts.models import User
from accounts.signals import access_changed
from chat.fanout import messages
from chat.fanout.hub import user_group
from chat.fanout.messages import UserEvent
from chat.models import Conversation
from chat.node import node_if_running

Word = tuple[int, UserEvent, int]
SHOWN_FIELDS = {"username", "display_name", "is_active"}

logger = logging.getLogger(__name__)


def connect() -> None:
    """Listen from now on."""
    access_changed.connect(pass_on_access_change, dispatch_uid="chat: access changed")
    post_save.connect(forget_member, sender=User, dispatch_uid="chat: a member has changed")


def pass_on_access_change(user_id: int, **signal: Any) -> None:
    """Have every node look again at a user's connections; what is not heard is found by the doorkeeper's rounds."""
    node = node_if_running()
    if node is not None:
        node.loop.call_soon_threadsafe(node.fanout.user_event, user_id, UserEvent.ACCESS)
    else:
        tell_from_outside([(user_id, UserEvent.ACCESS, 0)])


def forget_member(instance: User, *, created: bool, update_fields: Collection[str] | None, **signal: Any) -> None:
    """Have the writers of every node read this member again, who may have another name or be no longer active.

    In the transaction of the save: what is written after its commit knows.
    """
    if not created and (update_fields is None or SHOWN_FIELDS & set(update_fields)):
        mine = Conversation.objects.filter(memberships__user=instance, memberships__left_at=None)
        mine.update(members_version=F("members_version") + 1)


def tell_from_outside(words: Iterable[Word]) -> None:
    """Tell every node of users (id, what, conversation), from a command or script that has no node of its own.

    Never raises: what is not heard, nodes find by themselves, or devices when they come back.
    """
    try:
        async_to_sync(_send)(words)
    except (RedisError, OSError) as error:
        logger.warning("nodes were not told of a change and will find it by themselves: %s", error)


async def _send(words: Iterable[Word]) -> None:
    layer = get_channel_layer()
    for user_id, what, conversation in words:
        await layer.group_send(user_group(user_id), messages.user("", user_id, what, conversation=conversation))
