"""One turn as a LangGraph: gather → think ⇄ tools → answer."""

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Literal, TypedDict

from langchain_core.messages import AIMessage, BaseMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode
from langgraph.runtime import Runtime

from chat.assistant.context import context_of
from chat.assistant.occasion import Occasion
from chat.assistant.tools import TOOLS

STEPS = 6
"""Times that one turn may think; at the last it has to answer."""
ANSWER_CHARS = 8_000


class Thinking(TypedDict, total=False):
    """What one attempt at a turn works with; nothing of it outlives the attempt (what must is in SQL)."""

    messages: Annotated[list[BaseMessage], add_messages]
    model: str
    seen: int
    steps: int
    answer: str
    tokens: int


TurnGraph = CompiledStateGraph[Thinking, Occasion, Thinking, Thinking]


async def gather(_state: Thinking, runtime: Runtime[Occasion]) -> Thinking:
    """Read what the model has to know, one turn after the other. Raises ChatError."""
    occasion = runtime.context
    found = await occasion.database.write_behind(context_of, occasion.claim)
    return {"messages": found.messages, "model": found.model, "seen": found.seen, "steps": 0, "tokens": 0}


async def think(state: Thinking, runtime: Runtime[Occasion]) -> Thinking:
    """Ask the model, which may call tools but at its last step."""
    model = await asyncio.to_thread(runtime.context.new_model, state["model"])
    able = model.bind_tools(TOOLS) if state["steps"] < STEPS - 1 else model
    said = await able.ainvoke(state["messages"])
    used = (said.usage_metadata or {}).get("total_tokens") or _estimated(state["messages"], said)
    return {"messages": [said], "steps": state["steps"] + 1, "tokens": state["tokens"] + used}


def answer(state: Thinking) -> Thinking:
    """What was said last is the answer."""
    return {"answer": text_of(state["messages"][-1])[:ANSWER_CHARS].strip()}


@cache
def turn_graph() -> TurnGraph:
    """The graph of every turn; `astream(..., context=Occasion(...))` runs it for one attempt."""
    graph = StateGraph(Thinking, context_schema=Occasion)
    graph.add_node("gather", gather)
    graph.add_node("think", think)
    graph.add_node("tools", ToolNode(TOOLS))
    graph.add_node("answer", answer)
    graph.add_edge(START, "gather")
    graph.add_edge("gather", "think")
    graph.add_conditional_edges("think", _after_thinking, ["tools", "answer"])
    graph.add_edge("tools", "think")
    graph.add_edge("answer", END)
    return graph.compile()


def _after_thinking(state: Thinking) -> Literal["tools", "answer"]:
    last = state["messages"][-1]
    return "tools" if isinstance(last, AIMessage) and last.tool_calls and state["steps"] < STEPS else "answer"


def picture() -> str:
    """The graph as a Mermaid diagram (https://mermaid.js.org): its steps and where each of them may lead."""

    edges = turn_graph().get_graph().edges
    lines = [f"    {each.source} {'-.->' if each.conditional else '-->'} {each.target}" for each in edges]
    return "\n".join(["flowchart LR", *lines]).replace("__start__", "begin").replace("__end__", "finish")


def text_of(message: BaseMessage) -> str:
    """The words of a message, whether its content is a string or a list of blocks."""
    if isinstance(message.content, str):
        return message.content
    blocks = (each if isinstance(each, str) else each.get("text", "") for each in message.content)
    return "".join(blocks)


def _estimated(messages: Sequence[BaseMessage], said: BaseMessage) -> int:
    """Four characters a token: for models that do not count."""
    return (sum(len(text_of(each)) for each in messages) + len(text_of(said))) // 4 + 1
