"""Writes people and conversations as lines of JSON, all as they are at one moment."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import orjson
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from chat.models import AssistantSettings, Conversation, Membership, Message
from chat.ops.backup.engine import require_migrated
from chat.ops.moving.records import FORMAT, VERSION
from chat.ops.problem import Problem
from chat.ops.snapshot import one_snapshot
from chat.ops.whole_file import require_free, whole_file
from chat.version import VERSION as DISTCHAT

AT_ONCE = 1000
DEFAULTS: tuple[object, ...] = (None, "", {})

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """What is exported: everything, some `conversations`, or what `reader` (a user's id) is a member of.

    Whoever asks for their own data gets no other person's address, choices and drafts.
    """

    conversations: tuple[int, ...] = ()
    reader: int | None = None

    def talks(self) -> "QuerySet[Conversation]":
        rows = Conversation.objects.order_by("pk")
        if self.reader is not None:
            mine = Membership.objects.filter(user=self.reader, left_at=None)
            return rows.filter(pk__in=mine.values("conversation"))
        return rows.filter(pk__in=self.conversations) if self.conversations else rows

    def users(self) -> "QuerySet[User]":
        rows = User.objects.order_by("pk")
        if self.reader is None and not self.conversations:
            return rows
        members = Membership.objects.filter(conversation__in=self.talks().values("pk"))
        senders = Message.objects.filter(conversation__in=self.talks().values("pk"))
        known = Q(pk__in=members.values("user")) | Q(pk__in=senders.values("sender")) | Q(pk=self.reader)
        return rows.filter(known)

    def shows_private(self, user_id: int) -> bool:
        return self.reader is None or self.reader == user_id

    def require_there(self) -> None:
        """Raises Problem for a conversation that does not exist."""
        there = set(self.talks().values_list("pk", flat=True)) if self.conversations else set()
        for number in self.conversations:
            if number not in there:
                raise Problem(f"There is no conversation {number}.", "look for its number in the admin.")


def choice_of(conversations: Iterable[int], username: str | None) -> Choice:
    """Raises Problem for a user who does not exist."""
    if username is None:
        return Choice(tuple(conversations))
    user = User.objects.filter(username=username).first()
    if user is None:
        raise Problem(f"There is no user {username!r}.", "look for the name in the admin.")
    return Choice(reader=user.pk)


def export_to_file(file: Path, choice: Choice, *, overwrite: bool = False) -> Line:
    """Write what `choice` says to `file`; the counts. Raises Problem."""
    require_migrated()
    if not overwrite:
        require_free(file)
    with whole_file(file, overwrite=overwrite) as output:
        return export(output, choice)


def export(output: IO[bytes], choice: Choice) -> Line:
    """Everything that `choice` says, at one moment; the counts. Raises Problem."""
    written = _Written(output)
    with one_snapshot():
        choice.require_there()
        counts = _counts(choice)
        for line in chain([_header(counts)], _people(choice), _conversations(choice)):
            written.write(line)
    written.write({"type": "end", **counts, "sha256": written.digest.hexdigest()})
    return counts


@dataclass
class _Written:
    output: IO[bytes]
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, line: Line) -> None:
        told = {key: value for key, value in line.items() if value is not False and value not in DEFAULTS}
        encoded = orjson.dumps(told, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)
        self.digest.update(encoded)
        self.output.write(encoded)


def _counts(choice: Choice) -> Line:
    talks = choice.talks().values("pk")
    everything = choice.reader is None and not choice.conversations
    inside = {} if everything else {"conversation__in": talks}
    return {
        "users": choice.users().count(),
        "conversations": choice.talks().count(),
        "memberships": Membership.objects.filter(**inside).count(),
        "messages": Message.objects.filter(**inside).count(),
    }


def _header(counts: Line) -> Line:
    site = next(iter(settings.ALLOWED_HOSTS), "")
    at = timezone.now()
    return {
        "type": "header",
        "format": FORMAT,
        "version": VERSION,
        "at": at,
        "site": site,
        "distchat": DISTCHAT,
    } | counts


def _people(choice: Choice) -> Iterator[Line]:
    for user in choice.users().iterator(AT_ONCE):
        yield _person(user, is_private_shown=choice.shows_private(user.pk))


def _conversations(choice: Choice) -> Iterator[Line]:
    for talk in choice.talks().select_related("assistant").iterator(AT_ONCE):
        yield _talk(talk)
        for part in Membership.objects.filter(conversation=talk).order_by("joined_at", "pk").iterator(AT_ONCE):
            yield _part(part, is_private_shown=choice.shows_private(part.user_id))
        messages = iter(Message.objects.filter(conversation=talk).order_by("seq").iterator(AT_ONCE))
        while some := list(islice(messages, AT_ONCE)):
            known = _still_here(some, choice)
            yield from (_said(message, known) for message in some)


def _still_here(messages: list[Message], choice: Choice) -> set[int]:
    """Those of the users named in reactions and system messages who exist: one who never spoke may be gone."""
    named = {user for message in messages for users in message.reactions.values() for user in users}
    named |= {message.data["user"] for message in messages if message.data and "user" in message.data}
    found: set[int] = set()
    ordered = iter(sorted(named))
    while some := list(islice(ordered, AT_ONCE)):
        found.update(choice.users().filter(pk__in=some).values_list("pk", flat=True))
    return found


def _person(user: User, *, is_private_shown: bool) -> Line:
    line: Line = {"type": "user", "id": user.pk, "username": user.username, "display_name": user.display_name}
    if is_private_shown:
        theme = "" if user.theme == User.Theme.SYSTEM else user.theme
        line |= {"email": user.email, "language": user.language, "theme": theme}
    return line | {"is_inactive": not user.is_active, "is_program": user.is_program, "joined_at": user.date_joined}


def _talk(talk: Conversation) -> Line:
    chosen = _assistance(talk.assistant) if hasattr(talk, "assistant") else None
    line = {"type": "conversation", "id": talk.pk, "kind": talk.kind, "title": talk.title, "head": talk.head}
    return line | {"created_at": talk.created_at, "assistant": chosen}


def _assistance(chosen: AssistantSettings) -> Line:
    return {"instructions": chosen.instructions, "speaks": chosen.speaks, "policy": chosen.policy}


def _part(part: Membership, *, is_private_shown: bool) -> Line:
    line = {
        "type": "membership",
        "conversation": part.conversation_id,
        "user": part.user_id,
        "role": part.role,
        "joined_at": part.joined_at,
        "left_at": part.left_at,
        "read_seq": part.read_seq,
        "updated_at": part.updated_at,
    }
    return line | {"draft": part.draft, "muted": part.muted} if is_private_shown else line


def _said(message: Message, known: set[int]) -> Line:
    line = {
        "type": "message",
        "conversation": message.conversation_id,
        "seq": message.seq,
        "changed_seq": message.changed_seq,
        "kind": message.kind,
        "sender": message.sender_id,
        "client_id": message.client_id,
        "reply_to": message.reply_to,
        "at": message.at,
        "edited_at": message.edited_at,
        "deleted": message.deleted,
    }
    if message.deleted:
        return line
    return line | {
        "text": message.text,
        "data": _data(message.data, known),
        "reactions": _reactions(message.reactions, known),
    }


def _data(data: Line | None, known: set[int]) -> Line | None:
    if data and "user" in data and data["user"] not in known:
        return {key: value for key, value in data.items() if key != "user"}
    return data


def _reactions(reactions: dict[str, list[int]], known: set[int]) -> dict[str, list[int]]:
    here = {emoji: [user for user in users if user in known] for emoji, users in reactions.items()}
    return {emoji: users for emoji, users in here.items() if users}
