"""Brings people and conversations of an export into this site: all of them in one transaction, or nothing."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from chat.log.adopting import Origin, adopt_conversation, adopt_messages
from chat.models import AssistantSettings, Membership, Message
from chat.ops.backup.engine import require_migrated
from chat.ops.moving.checking import Checked, check
from chat.ops.moving.ledger import Ledger, open_ledger
from chat.ops.moving.lines import read_lines
from chat.ops.moving.records import AnyRecord, End, Happened, Header, Part, Person, Said, Talk
from chat.ops.moving.telling import tell_devices
from chat.ops.one_sentence import Stopped
from chat.ops.problem import Problem
from chat.wire.errors import ChatError
from chat.wire.limits import INTEGER_MAX

AT_ONCE = 500
NOBODY = INTEGER_MAX
"""The id that stands for a user who was deleted before the export: no user has it."""

OF_SOMEBODY = {"joined", "left", "removed"}


def import_file(file: Path, *, is_known_left_out: bool = False, is_rehearsal: bool = False) -> Checked:
    """What came, or would come. Raises Problem, with nothing written."""
    require_migrated()
    with open_ledger() as ledger:
        checked = check(file, ledger, is_known_left_out=is_known_left_out)
        if is_rehearsal:
            return checked
        try:
            with transaction.atomic():
                _write(file, ledger, checked)
        except (IntegrityError, ChatError) as error:
            raise Problem("The site has changed meanwhile; nothing was written.", "import the file again.") from error
        with suppress(Stopped):  # it is committed: who is not told sees it when coming back
            tell_devices(ledger.news())
    return checked


def _write(file: Path, ledger: Ledger, checked: Checked) -> None:
    writer = _Writer(ledger)
    for _, record in read_lines(file):
        writer.write(record)
        if isinstance(record, End) and record.sha256 != checked.sha256:
            raise Problem(f"{file} has changed while it was read; nothing was written.", "import the file again.")


@dataclass
class _Writer:
    """Gathers rows and hands them on by the hundred."""

    ledger: Ledger
    _people: list[Person] = field(default_factory=list)
    _talk: Talk | None = None
    _talk_here: int = 0
    _parts: list[Part] = field(default_factory=list)
    _messages: list[Message] = field(default_factory=list)

    def write(self, record: AnyRecord) -> None:
        """Raises ChatError and IntegrityError where the site is no longer as it was when the file was checked."""
        _WRITES[type(record)](self, record)

    def person(self, person: Person) -> None:
        if self.ledger.here(person.id) is None:
            self._people.append(person)
        if len(self._people) >= AT_ONCE:
            self._make_people()

    def begin(self, talk: Talk) -> None:
        self._make_people()
        self._close()
        self._talk, self._talk_here = (None if self.ledger.is_talk_here(talk.id) else talk), 0

    def part(self, part: Part) -> None:
        if self._talk is not None:
            self._parts.append(part)

    def said(self, said: Said) -> None:
        if self._talk is None:
            return
        self._open(self._talk)
        self._messages.append(self._message(said))
        if len(self._messages) >= AT_ONCE:
            self._hand_on()

    def end(self) -> None:
        self._make_people()
        self._close()

    def _make_people(self) -> None:
        people, self._people = self._people, []
        made = User.objects.bulk_create(_user(person) for person in people)
        for person, user in zip(people, made, strict=True):
            self.ledger.settle(person.id, user.pk, is_new=True)

    def _close(self) -> None:
        if self._talk is not None:
            self._open(self._talk)
            self._hand_on()

    def _open(self, talk: Talk) -> None:
        """Once all members are known."""
        if self._talk_here:
            return
        parts, self._parts = self._parts, []
        current = [part for part in parts if part.left_at is None]
        users = [self._here(part.user) for part in parts]
        pair = (users[0], users[1]) if talk.kind == "direct" else None
        origin = Origin(talk.kind, talk.title, talk.head, talk.created_at, len(current), pair)
        members = [_membership(part, user) for part, user in zip(parts, users, strict=True)]
        self._talk_here = adopt_conversation(origin, members)
        if talk.assistant is not None:
            chosen = talk.assistant.model_dump()
            AssistantSettings.objects.update_or_create(conversation_id=self._talk_here, defaults=chosen)
        for part in current:
            if not self.ledger.is_new_here(part.user):
                self.ledger.note_news(self._here(part.user), self._talk_here)

    def _hand_on(self) -> None:
        messages, self._messages = self._messages, []
        adopt_messages(messages)

    def _here(self, person: int) -> int:
        here = self.ledger.here(person)
        assert here is not None, "the file was checked"
        return here

    def _message(self, said: Said) -> Message:
        return Message(
            conversation_id=self._talk_here,
            seq=said.seq,
            changed_seq=said.changed_seq,
            kind=said.kind,
            sender_id=self._here(said.sender),
            client_id=said.client_id,
            text=said.text,
            html=self.ledger.html(said.conversation, said.seq),
            data=self._data(said),
            reply_to=said.reply_to,
            reactions={emoji: list(map(self._here, users)) for emoji, users in said.reactions.items()},
            at=said.at,
            edited_at=said.edited_at,
            deleted=said.deleted,
        )

    def _data(self, said: Said) -> dict[str, Any] | None:
        if said.data is None:
            return None
        data = said.data.model_dump(exclude_none=True)
        if isinstance(said.data, Happened):
            if said.data.user is not None:
                data["user"] = self._here(said.data.user)
            elif said.data.action in OF_SOMEBODY:
                data["user"] = NOBODY
        return data


def _user(person: Person) -> User:
    user = User(
        username=person.username,
        display_name=person.display_name,
        email=person.email,
        language=person.language,
        theme=person.theme,
        is_active=not person.is_inactive,
        is_program=person.is_program,
        date_joined=person.joined_at,
    )
    user.set_unusable_password()
    return user


def _membership(part: Part, user: int) -> Membership:
    return Membership(
        user_id=user,
        role=part.role,
        joined_at=part.joined_at,
        left_at=part.left_at,
        read_seq=part.read_seq,
        draft=part.draft,
        muted=part.muted,
        updated_at=part.updated_at,
    )


_WRITES: dict[type[AnyRecord], Callable[[_Writer, Any], None]] = {
    Header: lambda writer, record: None,
    Person: _Writer.person,
    Talk: _Writer.begin,
    Part: _Writer.part,
    Said: _Writer.said,
    End: lambda writer, record: writer.end(),
}
