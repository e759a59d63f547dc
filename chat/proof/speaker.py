"""Everything that a device can say, one method per command of the protocol."""

import asyncio
import uuid
from abc import ABC, abstractmethod

from chat.proof.history import brief
from chat.proof.outbox import Event, Refused

ANSWER_SECONDS = 30.0
ATTEMPTS = 20


class Speaker(ABC):
    """The verbs. Each returns the answer as it came, or raises Refused, Lost or TimeoutError."""

    is_patient: bool

    @abstractmethod
    async def ask(self, command: Event, *, act: str = "", timeout_seconds: float | None = ANSWER_SECONDS) -> Event:
        """Say the command and wait for its answer; `act` names it in the history."""

    @abstractmethod
    async def tell(self, command: Event) -> None:
        """Say a command that nobody answers."""

    @abstractmethod
    def note_write(self, command: Event, text: str) -> str:
        """Write the command into the history and return its name there."""

    @abstractmethod
    def take_page(self, conversation: int, messages: list[Event]) -> None:
        """Hold messages that were asked for."""

    async def post(
        self,
        conversation: int,
        text: str,
        *,
        reply_to: int | None = None,
        client_id: str = "",
        timeout_seconds: float = ANSWER_SECONDS,
    ) -> Event:
        """Post a message, once, however many sockets it takes; a patient device waits and retries when told to."""
        command: Event = {"type": "post", "conversation": conversation, "text": text}
        command["client_id"] = client_id or str(uuid.uuid4())
        if reply_to is not None:
            command["reply_to"] = reply_to
        async with asyncio.timeout(timeout_seconds):
            return await self._post_patiently(command)

    async def edit(self, conversation: int, seq: int, text: str) -> Event:
        """Give one's own message another text."""
        command = {"type": "edit", "conversation": conversation, "seq": seq, "text": text}
        return await self._write(command, brief(text))

    async def delete(self, conversation: int, seq: int) -> Event:
        """Put a tombstone in the place of a message."""
        return await self._write({"type": "delete", "conversation": conversation, "seq": seq}, "")

    async def react(self, conversation: int, seq: int, emoji: str, *, on: bool = True) -> Event:
        """Put an emoji on a message, or take it off."""
        command = {"type": "react", "conversation": conversation, "seq": seq, "emoji": emoji, "on": on}
        return await self._write(command, emoji + "-+"[on])

    async def read(self, conversation: int, seq: int) -> Event:
        """Say that the user has seen everything up to `seq`."""
        return await self.ask({"type": "read", "conversation": conversation, "seq": seq})

    async def draft(self, conversation: int, text: str) -> None:
        """Keep what the user has written so far; nobody answers."""
        await self.tell({"type": "draft", "conversation": conversation, "text": text})

    async def typing(self, conversation: int, *, on: bool = True) -> None:
        """Say that the user is writing, or has stopped; nobody answers."""
        await self.tell({"type": "typing", "conversation": conversation, "on": on})

    async def open(self, conversation: int | None) -> None:
        """Say which conversation is in front of the user; nobody answers."""
        await self.tell({"type": "open", "conversation": conversation})

    async def history(self, conversation: int, *, before: int | None = None, limit: int = 50) -> Event:
        """Ask for older messages: a `page`, which the device then holds too."""
        page = await self.ask(_history(conversation, before, limit))
        self.take_page(conversation, page["messages"])
        return page

    async def whole_history(self, conversation: int, *, limit: int = 200) -> list[Event]:
        """Every message through this node, by ascending seq; the device does not hold them: they hide no loss."""
        messages: list[Event] = []
        has_more = True
        while has_more:
            page = await self.ask(_history(conversation, messages[0]["seq"] if messages else None, limit))
            messages = [*page["messages"], *messages]
            has_more = page["has_more"] and bool(page["messages"])
        return messages

    async def create(self, members: list[str], *, title: str = "") -> Event:
        """Start a group with a title, or without one a direct conversation with a single other member."""
        if title:
            return await self.ask({"type": "create", "kind": "group", "title": title, "members": members})
        return await self.ask({"type": "create", "kind": "direct", "members": members})

    async def rename(self, conversation: int, title: str) -> Event:
        """Give a group another title."""
        return await self.ask({"type": "rename", "conversation": conversation, "title": title})

    async def invite(self, conversation: int, members: list[str]) -> Event:
        """Bring people into a group, by username."""
        return await self.ask({"type": "invite", "conversation": conversation, "members": members})

    async def leave(self, conversation: int) -> Event:
        """Stop being a member."""
        return await self.ask({"type": "leave", "conversation": conversation})

    async def remove(self, conversation: int, user: int) -> Event:
        """Make someone else stop being a member."""
        return await self.ask({"type": "remove", "conversation": conversation, "user": user})

    async def members(self, conversation: int, *, after: int = 0, limit: int = 200) -> Event:
        """One page of the members, by ascending user id."""
        return await self.ask({"type": "members", "conversation": conversation, "after": after, "limit": limit})

    async def ping(self, *, timeout_seconds: float = ANSWER_SECONDS) -> Event:
        """Ask whether the node is there and how far every conversation has got."""
        return await self.ask({"type": "ping"}, timeout_seconds=timeout_seconds)

    async def _post_patiently(self, command: Event) -> Event:
        for _ in range(ATTEMPTS):
            try:
                return await self.ask(dict(command), act=command["client_id"], timeout_seconds=None)
            except Refused as refused:
                if not (self.is_patient and refused.retryable):
                    raise
                last = refused
                await asyncio.sleep((refused.retry_after_ms or 500) / 1000)
        raise last

    async def _write(self, command: Event, text: str) -> Event:
        return await self.ask(command, act=self.note_write(command, text))


def _history(conversation: int, before: int | None, limit: int) -> Event:
    command: Event = {"type": "history", "conversation": conversation, "limit": limit}
    return command if before is None else {**command, "before": before}
