"""The session as a LangGraph: gathered acts come in, small nodes fold them, one checkpoint goes out."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Protocol

import orjson
from langchain_core.runnables import RunnableConfig
from langgraph.channels import UntrackedValue
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from chat.session import bounds
from chat.session import state as folds
from chat.session.acts import Act, Connected, Left, decode_acts, encode_acts
from chat.session.state import VERSION, SessionState

Step = Literal["begin", "connect", "fold", "leave", "trim", "__end__"]
STEPS: tuple[Step, ...] = ("begin", "connect", "fold", "leave", "trim")


class Folding(SessionState, total=False):
    """A session and what is to be folded into it; the input is gone when the checkpoint is written.

    `session` names the session that the acts belong to; `seed` is a whole state as JSON that replaces the stored one.
    """

    session: Annotated[str, UntrackedValue]
    seed: Annotated[str, UntrackedValue]
    arrivals: Annotated[str, UntrackedValue]
    doings: Annotated[str, UntrackedValue]
    departures: Annotated[str, UntrackedValue]


SessionGraph = CompiledStateGraph[Folding, Any, Folding, Folding]


class _Node(Protocol):
    def __call__(self, state: Folding) -> SessionState: ...


def build_graph(saver: BaseCheckpointSaver[Any]) -> SessionGraph:
    """begin → connect → fold → leave → trim, each only when there is something for it to do."""
    graph = StateGraph(Folding)
    for name, node in _NODES.items():
        graph.add_node(name, node)
        graph.add_conditional_edges(name, _next_after(name), [*_later(name), END])
    graph.add_conditional_edges(START, first_step, [*STEPS, END])
    return graph.compile(checkpointer=saver)


def folding_input(acts: list[Act], *, session_id: str, seed: SessionState | None) -> Folding:
    """Acts as the graph takes them: plain strings, sorted by the node that they are for."""
    arrivals = [act for act in acts if isinstance(act, Connected)]
    departures = [act for act in acts if isinstance(act, Left)]
    doings = [act for act in acts if not isinstance(act, Connected | Left)]
    return {
        "session": session_id,
        "seed": orjson.dumps(seed).decode() if seed else "",
        "arrivals": encode_acts(arrivals) if arrivals else "",
        "doings": encode_acts(doings) if doings else "",
        "departures": encode_acts(departures) if departures else "",
    }


def thread_of(user_id: int) -> RunnableConfig:
    return {"configurable": {"thread_id": f"session:{user_id}"}}


def belongs_to(values: Mapping[str, Any], session_id: str) -> bool:
    return values.get("session_id") == session_id and values.get("version") == VERSION


def first_step(folding: Folding) -> Step:
    """Nothing is folded into the checkpoint of another session, or into none."""
    if folding.get("seed"):
        return "begin"
    return _next_step(folding, STEPS[1:]) if belongs_to(folding, folding.get("session", "")) else "__end__"


def _next_after(name: Step) -> Callable[[Folding], Step]:
    def next_step(folding: Folding) -> Step:
        return _next_step(folding, _later(name))

    return next_step


def _later(name: Step) -> tuple[Step, ...]:
    return STEPS[STEPS.index(name) + 1 :]


def _next_step(folding: Folding, steps: tuple[Step, ...]) -> Step:
    return next((step for step in steps if _WANTED[step](folding)), "__end__")


_WANTED: dict[str, Callable[[Folding], bool]] = {
    "connect": lambda folding: bool(folding.get("arrivals")),
    "fold": lambda folding: bool(folding.get("doings")),
    "leave": lambda folding: bool(folding.get("departures")),
    "trim": lambda folding: True,
}


def _begin(state: Folding) -> SessionState:
    seed: SessionState = orjson.loads(state["seed"])
    return seed


def _connect(state: Folding) -> SessionState:
    return folds.connect(state, decode_acts(state["arrivals"]))


def _fold(state: Folding) -> SessionState:
    return folds.fold(state, decode_acts(state["doings"]))


def _leave(state: Folding) -> SessionState:
    return folds.leave(state, decode_acts(state["departures"]))


def _trim(state: Folding) -> SessionState:
    return bounds.trim(state)


_NODES: dict[Step, _Node] = {
    "begin": _begin,
    "connect": _connect,
    "fold": _fold,
    "leave": _leave,
    "trim": _trim,
}
