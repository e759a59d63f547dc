"""What every action works with: one node's rooms, put together by `chat.node`."""

from collections.abc import Callable
from dataclasses import dataclass

from chat.actions.marks import Marks
from chat.database import Database
from chat.fanout.fanout import Fanout
from chat.log.append import Log
from chat.presence.merger import Merger
from chat.session.service import SessionService


@dataclass(frozen=True, slots=True)
class Services:
    """The rooms below the actions. `passing` gathers events that may be lost, at most one per key and second.

    `asked` is told of each conversation in which the assistant has been asked for something on this node.
    """

    database: Database
    log: Log
    fanout: Fanout
    sessions: SessionService
    marks: Marks
    passing: Merger[tuple[int, bytes]]
    asked: Callable[[int], None]
