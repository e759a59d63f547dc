"""Who is in a conversation, remembered by the writer and checked against the locked row of the conversation."""

from collections import OrderedDict
from dataclasses import dataclass

from accounts.models import User
from chat.log.sql import LockedConversation
from chat.models import Membership

REMEMBERED_CONVERSATIONS = 2000


@dataclass(frozen=True, slots=True)
class Member:
    """A user's part in a conversation, as far as writing needs to know it."""

    user: int
    name: str
    role: str
    username: str = ""
    is_program: bool = False


class Members(dict[int, Member]):
    """By user id; `program` is the assistant, where it is one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.program: Member | None = None

    def __setitem__(self, user: int, member: Member) -> None:
        super().__setitem__(user, member)
        if member.is_program:
            self.program = member

    def leave(self, user: int) -> Member:
        gone = self.pop(user)
        if self.program is not None and self.program.user == user:
            self.program = None
        return gone


class MemberMemory:
    """Keeps the members of recent conversations; right as long as `members_version` has not moved.

    Owned by the writer thread. The version is read in the writing transaction, under the conversation's lock, so a
    membership that ended on another node is seen before anything is written in its name.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[int, tuple[int, Members]] = OrderedDict()

    def members_of(self, conversations: list[LockedConversation]) -> dict[int, Members]:
        stale = [each for each in conversations if not self._is_current(each)]
        if stale:
            self._load(stale)
        found = {each.pk: self._known[each.pk][1] for each in conversations}
        self._trim()
        return found

    def forget_all(self) -> None:
        self._known.clear()

    def _is_current(self, conversation: LockedConversation) -> bool:
        version, _ = self._known.get(conversation.pk, (-1, None))
        return version == conversation.members_version

    def _load(self, conversations: list[LockedConversation]) -> None:
        loaded = {each.pk: Members() for each in conversations}
        rows = Membership.objects.filter(conversation_id__in=loaded, left_at=None, user__is_active=True)
        rows = rows.select_related("user")
        for row in rows:
            loaded[row.conversation_id][row.user_id] = member_of(row.user, row.role)
        for each in conversations:
            self._known[each.pk] = (each.members_version, loaded[each.pk])

    def _trim(self) -> None:
        while len(self._known) > REMEMBERED_CONVERSATIONS:
            self._known.popitem(last=False)


def member_of(user: User, role: str) -> Member:
    return Member(user.pk, user.name, role, user.username, user.is_program)
