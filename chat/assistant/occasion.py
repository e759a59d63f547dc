"""What one attempt at a turn has of its own: the graph and the tools are the same for all turns."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from langchain_core.language_models import BaseChatModel

from chat.assistant.turns import Claim
from chat.database import Database


@dataclass(frozen=True, slots=True)
class Occasion:
    """Handed to the graph as LangGraph's run context, so that nothing has to be built when somebody asks.

    `new_model` gives the model of a name; `calls` numbers the tool calls of the attempt, and
    `tool_calls` counts those of the node by the tool's name.
    """

    database: Database
    claim: Claim
    new_model: Callable[[str], BaseChatModel]
    tool_calls: Counter[str] = field(default_factory=Counter)
    calls: Iterator[int] = field(default_factory=lambda: count(1))
