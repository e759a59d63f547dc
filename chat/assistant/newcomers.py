"""Sees to it that a node that begins to follow a conversation knows the answers that are being given there."""

from collections.abc import Iterable

from chat.assistant import turns
from chat.assistant.speaking import event_of
from chat.assistant.turns import Standing
from chat.database import Database
from chat.fanout.fanout import Fanout
from chat.fanout.hub import Hub
from chat.queries import ConversationRow
from chat.wire.limits import MEMBERS_SHOWN


class Newcomers:
    """One for each node. Asked after the hub has opened conversations, and before anyone is told `caught_up`."""

    def __init__(self, database: Database, hub: Hub, fanout: Fanout) -> None:
        self._database = database
        self._hub = hub
        self._fanout = fanout

    async def know(self, rows: Iterable[ConversationRow]) -> None:
        """Learn from SQL what was said before this node listened, and ask for what is newer. Raises ChatError."""
        unknown = [row.id for row in rows if self._is_unknown(row.id) and may_have_assistant(row)]
        if not unknown:
            return
        found = await self._database.read(turns.to_be_told, unknown)
        for standing in found:
            self._tell_news(standing)
        for conversation in unknown:
            if conversation in self._hub.conversations:
                self._hub.conversations[conversation].answers.is_known = True
        for conversation in {each.conversation for each in found if each.status == turns.Status.RUNNING}:
            self._fanout.want_whole(conversation)

    def _is_unknown(self, conversation: int) -> bool:
        local = self._hub.conversations.get(conversation)
        return local is not None and not local.answers.is_known

    def _tell_news(self, standing: Standing) -> None:
        """What was heard since then is as new at least."""
        attempt, _ = self._fanout.heard(standing.conversation, standing.turn)
        if attempt < max(1, standing.attempt):
            self._hub.tell_followers(standing.conversation, event_of(standing))


def may_have_assistant(row: ConversationRow) -> bool:
    """Of a large conversation only the first members are known."""
    return row.member_count > MEMBERS_SHOWN or any(member.is_program for member in row.members)
