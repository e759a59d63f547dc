"""Reads all of an export before anything is written, and refuses what contradicts itself, the log or this site."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from chat.log.creating import direct_key
from chat.log.membership import GROUP_MEMBERS
from chat.models import Conversation, Message
from chat.ops.moving.ledger import Ledger
from chat.ops.moving.lines import read_lines, refuse
from chat.ops.moving.people import Matching
from chat.ops.moving.records import AnyRecord, End, Happened, Header, Part, Person, Said, Talk
from chat.wire.markdown import render

AT_ONCE = 500
SKIP = "add --skip-existing to leave such conversations out."


@dataclass
class Checked:
    """What a file holds and what of it is new here; `sha256` says which file it was."""

    users: int = 0
    conversations: int = 0
    memberships: int = 0
    messages: int = 0
    new_users: int = 0
    known_conversations: int = 0
    sha256: str = ""


def check(file: Path, ledger: Ledger, *, is_known_left_out: bool) -> Checked:
    """Fills the ledger. Raises Problem with the number of the first bad line.

    A conversation that is here already is one of them, unless it `is_known_left_out`: then it is marked.
    """
    checker = _Checker(file, ledger, is_known_left_out=is_known_left_out)
    for number, record in read_lines(file):
        checker.look_at(number, record)
    return checker.checked


class _Checker:
    """Goes along with the file: people, then each conversation with its members and then its messages."""

    def __init__(self, file: Path, ledger: Ledger, *, is_known_left_out: bool) -> None:
        self.checked = Checked()
        self._file = file
        self._ledger = ledger
        self._is_known_left_out = is_known_left_out
        self._matching = Matching(ledger, self._refuse)
        self._line = 0
        self._told: Header | None = None
        self._talk: Talk | None = None
        self._pair: list[Part] = []
        self._current = self._last_seq = self._newest = 0
        self._asked: list[tuple[int, Said]] = []
        self._looks: dict[type[AnyRecord], Callable[[Any], None]] = {
            Header: self._header,
            Person: self._person,
            Talk: self._begin,
            Part: self._part,
            Said: self._said,
            End: self._end,
        }

    def look_at(self, number: int, record: AnyRecord) -> None:
        """Raises Problem."""
        self._line = number
        self._looks[type(record)](record)

    def _header(self, header: Header) -> None:
        self._told = header

    def _person(self, person: Person) -> None:
        self._require(self._talk is None, "users come before conversations")
        self._require(self._ledger.is_new_person(person.id, person.username), "this user was in the file before")
        self._matching.add(self._line, person)
        self.checked.users += 1

    def _begin(self, talk: Talk) -> None:
        self._require(self._ledger.is_new_talk(talk.id), "this conversation was in the file before")
        self._close()
        self._talk, self._pair = talk, []
        self._current = self._last_seq = self._newest = 0
        self.checked.conversations += 1

    def _part(self, part: Part) -> None:
        talk = self._inside(part.conversation)
        self._require(not self._last_seq, "members come before messages")
        self._require_person(part.user)
        self._require(self._ledger.is_new_part(talk.id, part.user), "this member was named before")
        self._require(part.read_seq <= talk.head, "it is read further than the conversation goes")
        self._current += part.left_at is None
        if talk.kind == "direct":
            self._require(part.left_at is None and part.role == "member", "nobody leaves or owns a direct conversation")
            self._pair = [*self._pair[:2], part]
        self.checked.memberships += 1

    def _said(self, said: Said) -> None:
        talk = self._inside(said.conversation)
        if not self._last_seq:
            self._close_members(talk)
        self._require(self._last_seq < said.seq, "messages come in the order of their seq")
        self._require(said.changed_seq <= talk.head, "it was changed after the head of its conversation")
        self._require(self._ledger.is_new_position(talk.id, said.changed_seq), "its changed_seq is another message's")
        self._require(self._ledger.is_new_message(said.client_id, said.sender), "its client_id was in the file before")
        self._require_named(said)
        if said.reply_to is not None:
            self._require(self._ledger.has_place(talk.id, said.reply_to), "it answers a message that is not there")
        self._ledger.is_new_place(talk.id, said.seq)
        if html := render(said.text):
            self._ledger.keep_html(talk.id, said.seq, html)
        self._last_seq, self._newest = said.seq, max(self._newest, said.changed_seq)
        self._ask(said)
        self.checked.messages += 1

    def _require_named(self, said: Said) -> None:
        self._require_person(said.sender)
        for user in {user for users in said.reactions.values() for user in users}:
            self._require_person(user)
        if isinstance(said.data, Happened) and said.data.user is not None:
            self._require_person(said.data.user)

    def _end(self, end: End) -> None:
        self._close()
        self._matching.finish()
        self._ask_now()
        counts = {name: getattr(self.checked, name) for name in ("users", "conversations", "memberships", "messages")}
        for told in (self._told, end):
            self._require(told is not None and told.model_dump(include=set(counts)) == counts, "the counts are others")
        self.checked.new_users, self.checked.sha256 = self._matching.new, end.sha256

    # Conversations

    def _inside(self, conversation: int) -> Talk:
        if self._talk is None or self._talk.id != conversation:
            refuse(self._file, self._line, "it does not belong to the conversation before it")
        return self._talk

    def _close_members(self, talk: Talk) -> None:
        self._require(self._current <= GROUP_MEMBERS, f"a group has at most {GROUP_MEMBERS} members")
        if talk.kind == "direct":
            self._require(len(self._pair) == 2, "the direct conversation before has not exactly two members")
            one, other = (part.user for part in self._pair)
            self._require(self._ledger.is_new_pair(one, other), "its two members have a direct conversation before")
            self._matching.finish()
            if _talk_already(self._ledger.here(one), self._ledger.here(other)):
                self._known_here(self._line, talk.id, is_empty=not talk.head)

    def _close(self) -> None:
        if self._talk is None:
            return
        if not self._last_seq:
            self._close_members(self._talk)
        self._require(self._newest == self._talk.head, "the conversation before has another head than its messages")

    # What is here already

    def _ask(self, said: Said) -> None:
        self._asked.append((self._line, said))
        if len(self._asked) >= AT_ONCE:
            self._ask_now()

    def _ask_now(self) -> None:
        self._matching.finish()
        asked, self._asked = self._asked, []
        found = Message.objects.filter(client_id__in=[said.client_id for _, said in asked])
        here = set(found.values_list("client_id", "sender")) if asked else set()
        for line, said in asked if here else ():
            if (said.client_id, self._ledger.here(said.sender)) in here:
                self._known_here(line, said.conversation)

    def _known_here(self, line: int, talk: int, *, is_empty: bool = False) -> None:
        if not self._is_known_left_out and not is_empty:
            refuse(self._file, line, "this conversation is here already", SKIP)
        if not self._ledger.is_talk_here(talk):
            self._ledger.mark_here(talk)
            self.checked.known_conversations += 1

    # Refusing

    def _require_person(self, person: int) -> None:
        self._require(self._ledger.has_person(person), f"user {person} is not in the file")

    def _require(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads like assert
        if not holds:
            self._refuse(self._line, otherwise)

    def _refuse(self, line: int, why: str) -> NoReturn:
        refuse(self._file, line, why)


def _talk_already(one: int | None, other: int | None) -> bool:
    """Whether these users have said something to each other here."""
    if one is None or other is None:
        return False
    return Conversation.objects.filter(direct_key=direct_key(one, other), head__gt=0).exists()
