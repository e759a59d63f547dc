"""The one place of a node where changes reach the connections that follow a conversation here."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from chat.fanout.answers import MARK, Taken
from chat.fanout.local import Follower, LocalConversation
from chat.fanout.outbox import Outbox, pieces_of
from chat.wire import codec, events
from chat.wire.committed import Committed

LINGER_SECONDS = 10.0
"""A conversation or user without connections stays subscribed so long: most come back at once."""
SUBSCRIBE_SECONDS = 1.0
"""Subscribing takes a millisecond; without Redis a connection goes on after so long, and the sweep serves it."""

EARLY_CHANGES = 1000
"""What arrives while a conversation is being opened is kept up to here; the rest is a gap, and read from the log."""


class Position(Protocol):
    """How far a log has come (see `chat.log.reading.Head`)."""

    epoch: str
    position: int


class Layer(Protocol):
    """What the hub needs of a channel layer."""

    async def new_channel(self, prefix: str = ...) -> str: ...
    async def group_add(self, group: str, channel: str) -> object: ...
    async def group_discard(self, group: str, channel: str) -> object: ...


def conversation_group(conversation_id: int) -> str:
    return f"conversation.{conversation_id}"


SPEAKERS_GROUP = "assistant"
"""The nodes that give answers of the assistant."""


def user_group(user_id: int) -> str:
    return f"user.{user_id}"


class Hub:
    """Owns what this node follows: `conversations` by id, and the connections of each user.

    A conversation is opened with its first local connection (subscribe, then read the head, in that order) and
    closed some time after its last. Everything here runs on the event loop; only subscribing waits.
    """

    def __init__(
        self,
        layer: Layer,
        outbox: Outbox,
        read_heads: Callable[[Iterable[int]], "asyncio.Future[dict[int, Position]]"],
        on_gap: Callable[[LocalConversation], None],
    ) -> None:
        self.conversations: dict[int, LocalConversation] = {}
        self.users: dict[int, set[Follower]] = {}
        self.outbox = outbox
        self.deliveries = 0
        self._layer = layer
        self._read_heads = read_heads
        self._on_gap = on_gap
        self._channel = ""
        self._opening: dict[int, asyncio.Future[None]] = {}
        self._early: dict[int, list[Committed]] = {}
        self._empty_since: dict[str, float] = {}

    async def start(self) -> str:
        """Take the node's channel and return its name."""
        self._channel = await self._layer.new_channel("hub")
        return self._channel

    # Connections

    async def add_connection(self, follower: Follower) -> None:
        """Let `follower` hear what concerns its user."""
        is_first = follower.user_id not in self.users
        self.users.setdefault(follower.user_id, set()).add(follower)
        if is_first:
            await self._subscribe([user_group(follower.user_id)])

    def remove_connection(self, follower: Follower) -> None:
        for conversation_id in follower.conversations:
            if conversation_id in self.conversations:
                self.conversations[conversation_id].remove(follower)
        self.users.get(follower.user_id, set()).discard(follower)
        self.outbox.forget(follower)

    def connections_of(self, user_id: int) -> list[Follower]:
        return list(self.users.get(user_id, ()))

    async def open(self, conversation_ids: Iterable[int]) -> None:
        """Follow these conversations on this node. Raises ChatError(UNAVAILABLE) when their heads cannot be read."""
        wanted = [each for each in conversation_ids if each not in self.conversations]
        mine = [each for each in wanted if each not in self._opening]
        others = [self._opening[each] for each in wanted if each in self._opening]
        if mine:
            await self._open(mine)
        for each in others:
            await asyncio.shield(each)

    async def join_speakers(self) -> None:
        """Hear what is asked of the nodes that give answers."""
        await self._subscribe([SPEAKERS_GROUP])

    def detach_user(self, conversation: LocalConversation, user_id: int) -> None:
        """From now on, nothing of `conversation` reaches this user's connections."""
        for follower in self.users.get(user_id, ()):
            conversation.remove(follower)
            follower.detached(conversation.id)

    # Delivery

    def receive(self, conversation_id: int, epoch: str, changes: Sequence[Committed]) -> None:
        """Changes arrived, from this node's log or from another node: deliver, drop or wait."""
        conversation = self.conversations.get(conversation_id)
        if conversation is None or conversation.epoch != epoch:
            if conversation_id in self._opening:
                self._keep_early(conversation_id, changes)
            return
        self._deliver(conversation, conversation.sequencer.offer(changes))
        if conversation.sequencer.has_gap:
            self._on_gap(conversation)

    def _keep_early(self, conversation_id: int, changes: Sequence[Committed]) -> None:
        early = self._early.setdefault(conversation_id, [])
        if len(early) < EARLY_CHANGES:
            early.extend(changes)

    def catch_up(self, conversation: LocalConversation, changes: Sequence[Committed], covered: int) -> None:
        """The log was read: hand on what was missing; positions that later changes replaced are told by `caught_up`."""
        before = conversation.sequencer.delivered
        ready = conversation.sequencer.catch_up(changes, covered)
        self._deliver(conversation, ready)
        if len(ready) != conversation.sequencer.delivered - before:
            conversation.recent.clear()
            self._tell_caught_up(conversation)

    def tell_followers(self, conversation_id: int, event: bytes) -> bool:
        """Give a passing event (typing, presence, a receipt) to everyone who follows the conversation here.

        What comes late of an answer is told to nobody. False, and nobody is told, when it is a piece of one whose
        beginning was not heard here.
        """
        conversation = self.conversations.get(conversation_id)
        if conversation is None:
            return True
        taken = conversation.answers.take(event) if event.startswith(MARK) else Taken.NEWS
        if taken is not Taken.NEWS:
            return taken is Taken.LATE
        for follower in conversation.connections():
            self.outbox.put(follower, event)
        return True

    def tell_user(self, user_id: int, event: bytes, *, but: Follower | None = None) -> None:
        """Give an event to every connection of a user here, but one."""
        for follower in self.users.get(user_id, ()):
            if follower is not but:
                follower.tell(event)

    def _deliver(self, conversation: LocalConversation, ready: Sequence[Committed]) -> None:
        start = 0
        for index, change in enumerate(ready):
            if change.removed_user is not None:
                self._hand_on(conversation, ready[start:index])
                self.detach_user(conversation, change.removed_user)
                start = index
        self._hand_on(conversation, ready[start:])

    def _hand_on(self, conversation: LocalConversation, changes: Sequence[Committed]) -> None:
        if not changes:
            return
        if conversation.following:
            for piece in pieces_of(change.body for change in changes):
                self.outbox.put_all(conversation.following, piece)
            self.deliveries += len(changes) * len(conversation.following)
        if conversation.ahead:
            self._hand_on_ahead(conversation, changes)
        conversation.recent.extend(changes)

    def _hand_on_ahead(self, conversation: LocalConversation, changes: Sequence[Committed]) -> None:
        reached = changes[-1].position
        for follower, position in list(conversation.ahead.items()):
            news = [change.body for change in changes if change.position > position]
            for piece in pieces_of(news):
                self.outbox.put(follower, piece)
            if position <= reached:
                del conversation.ahead[follower]
                conversation.following.add(follower)

    def _tell_caught_up(self, conversation: LocalConversation) -> None:
        position = conversation.sequencer.delivered
        for follower, ahead in list(conversation.ahead.items()):
            if ahead <= position:
                del conversation.ahead[follower]
                conversation.following.add(follower)
        event = codec.encode(events.caught_up(conversation.id, epoch=conversation.epoch, seq=position))
        self.outbox.put_all(conversation.following, event)

    # Subscribing

    async def _open(self, conversation_ids: list[int]) -> None:
        opened = asyncio.get_running_loop().create_future()
        self._opening.update(dict.fromkeys(conversation_ids, opened))
        try:
            await self._subscribe([conversation_group(each) for each in conversation_ids])
            heads = await self._read_heads(conversation_ids)
            for each, head in heads.items():
                self.conversations[each] = LocalConversation(each, head.epoch, head.position)
                self.receive(each, head.epoch, self._early.pop(each, []))
        finally:
            for each in conversation_ids:
                del self._opening[each]
                self._early.pop(each, None)
            opened.set_result(None)

    async def _subscribe(self, groups: list[str]) -> None:
        adding = [self._layer.group_add(group, self._channel) for group in groups]
        try:
            async with asyncio.timeout(SUBSCRIBE_SECONDS):
                await asyncio.gather(*adding)
        except TimeoutError:
            pass  # the layer keeps the wish; until it is granted, the sweep serves these groups

    async def close_unused(self) -> None:
        """Leave the groups that had no connection here for a while."""
        now = time.monotonic()
        empty = [conversation_group(key) for key, each in self.conversations.items() if not len(each)]
        empty += [user_group(key) for key, each in self.users.items() if not each]
        self._empty_since = {group: self._empty_since.get(group, now) for group in empty}
        for group, since in list(self._empty_since.items()):
            if now - since >= LINGER_SECONDS and self._forget(group):
                await self._layer.group_discard(group, self._channel)

    def drop(self, conversation_id: int) -> None:
        """Follow this conversation no more, until it is opened again."""
        self.conversations.pop(conversation_id, None)

    def _forget(self, group: str) -> bool:
        """Whether the group is still unused; someone may have come while another was discarded."""
        del self._empty_since[group]
        kind, _, key = group.partition(".")
        kept: dict[int, Any] = self.users if kind == "user" else self.conversations
        return int(key) in kept and not len(kept[int(key)]) and kept.pop(int(key)) is not None
