"""The way out of a node: local connections at once, the other nodes through the channel layer."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Protocol
from uuid import UUID

from chat.fanout import messages
from chat.fanout.hub import SPEAKERS_GROUP, Hub, conversation_group, user_group
from chat.fanout.local import Follower
from chat.fanout.messages import Kind, UserEvent
from chat.wire.committed import Committed

logger = logging.getLogger(__name__)


class Publisher(Protocol):
    """Hands messages to the channel layer behind the back of whoever publishes."""

    def publish(self, group: str, message: dict[str, Any]) -> None: ...


class Receiver(Protocol):
    """The receiving end of the node's own channel."""

    async def receive_batch(self, channel: str) -> list[dict[str, Any]]: ...


OnUserEvent = Callable[[UserEvent, int, int], None]
"""Called with what happened, the user's id and the conversation's id (0 where there is none)."""


class Fanout:
    """Publishes what this node committed, and hands on what other nodes published.

    A node does not wait for its own messages to come back: it serves its own connections directly and knows its own
    messages by `origin`. `on_whole_wanted` is called with a conversation whose answers shall be said again whole.
    """

    def __init__(
        self,
        hub: Hub,
        publisher: Publisher,
        origin: str,
        on_user_event: OnUserEvent,
        on_presence_hint: Callable[[int, int], None],
    ) -> None:
        self._hub = hub
        self._publisher = publisher
        self._origin = origin
        self._on_user_event = on_user_event
        self._on_presence_hint = on_presence_hint
        self._handlers = {
            Kind.CHANGES: self._changes,
            Kind.PASSING: self._passing,
            Kind.PRESENCE: self._presence,
            Kind.USER: self._user,
            Kind.WHOLE: self._whole,
        }
        self.on_whole_wanted: Callable[[int], None] = lambda _: None

    def publish(self, committed: Sequence[Committed]) -> None:
        """Hand on changes that are committed, in the order of the log. Never waits, never raises."""
        for conversation, group in groupby(committed, attrgetter("conversation")):
            changes = list(group)
            self._hub.receive(conversation, changes[0].epoch, changes)
            self._publisher.publish(conversation_group(conversation), messages.changes(self._origin, changes))

    def pass_on(self, conversation_id: int, event: bytes) -> None:
        """Tell everyone in a conversation something that may be lost."""
        self._tell_followers(conversation_id, event)
        message = messages.passing(self._origin, conversation_id, event)
        self._publisher.publish(conversation_group(conversation_id), message)

    def heard(self, conversation_id: int, turn: UUID) -> tuple[int, str]:
        """The attempt at an answer of which this node has heard, and its text so far; (0, "") when it knows nothing."""
        conversation = self._hub.conversations.get(conversation_id)
        return conversation.answers.heard(str(turn)) if conversation is not None else (0, "")

    def want_whole(self, conversation_id: int) -> None:
        """Have whoever gives an answer there say all of it again: its beginning was not heard here."""
        self.on_whole_wanted(conversation_id)
        self._publisher.publish(SPEAKERS_GROUP, messages.whole(self._origin, conversation_id))

    def hint_presence(self, conversation_id: int, user_id: int) -> None:
        """Have the nodes that follow this conversation look again whether the user is online."""
        self._on_presence_hint(conversation_id, user_id)
        message = messages.presence(self._origin, conversation_id, user_id)
        self._publisher.publish(conversation_group(conversation_id), message)

    def tell_user(self, user_id: int, event: bytes, *, but: Follower | None = None) -> None:
        """Tell every device of a user, but the one that knows."""
        self._hub.tell_user(user_id, event, but=but)
        message = messages.user(self._origin, user_id, UserEvent.TOLD, event=event)
        self._publisher.publish(user_group(user_id), message)

    def user_event(self, user_id: int, what: UserEvent, conversation_id: int = 0) -> None:
        """Have every node look again at what this user may see."""
        self._on_user_event(what, user_id, conversation_id)
        message = messages.user(self._origin, user_id, what, conversation=conversation_id)
        self._publisher.publish(user_group(user_id), message)

    async def receive(self, receiver: Receiver, channel: str) -> None:
        """Hand on what other nodes publish, until cancelled."""
        while True:
            for message in await receiver.receive_batch(channel):
                if message["origin"] != self._origin:
                    self._handle(message)
            await asyncio.sleep(0)  # a flood from outside must not starve this node's own connections

    def _handle(self, message: dict[str, Any]) -> None:
        try:
            self._handlers[Kind(message["type"])](message)
        except (KeyError, ValueError, TypeError):
            logger.exception("a message from another node that this version cannot read")

    def _changes(self, message: dict[str, Any]) -> None:
        self._hub.receive(message["conversation"], message["epoch"], messages.read_changes(message))

    def _passing(self, message: dict[str, Any]) -> None:
        self._tell_followers(message["conversation"], message["event"])

    def _tell_followers(self, conversation_id: int, event: bytes) -> None:
        if not self._hub.tell_followers(conversation_id, event):
            self.want_whole(conversation_id)

    def _whole(self, message: dict[str, Any]) -> None:
        self.on_whole_wanted(message["conversation"])

    def _presence(self, message: dict[str, Any]) -> None:
        self._on_presence_hint(message["conversation"], message["user"])

    def _user(self, message: dict[str, Any]) -> None:
        what = UserEvent(message["what"])
        if what is UserEvent.TOLD:
            self._hub.tell_user(message["user"], message["event"])
        else:
            self._on_user_event(what, message["user"], message["conversation"])
