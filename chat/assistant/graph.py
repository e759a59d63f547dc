"""One turn as a LangGraph: gather → think ⇄ tools → answer."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Literal, TypedDict

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.tools import BaseTool
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode

from chat.assistant.builtin import BuiltIn
from chat.assistant.context import Context

STEPS = 6
"""Times that one turn may think; at the last it has to answer."""
ANSWER_CHARS = 8_000


class Thinking(TypedDict, total=False):
    """What one attempt at a turn works with; nothing of it outlives the attempt (what must is in SQL)."""

    messages: Annotated[list[BaseMessage], add_messages]
    seen: int
    steps: int
    answer: str
    tokens: int


TurnGraph = CompiledStateGraph[Thinking, Any, Thinking, Thinking]


def build_graph(gather: Callable[[], Awaitable[Context]], model: BaseChatModel, tools: Sequence[BaseTool]) -> TurnGraph:
    """The graph of a turn. `gather` reads the context; may raise ChatError."""

    async def gathered(_state: Thinking) -> Thinking:
        context = await gather()
        return {"messages": context.messages, "seen": context.seen, "steps": 0, "tokens": 0}

    async def think(state: Thinking) -> Thinking:
        able = model.bind_tools(tools) if state["steps"] < STEPS - 1 else model
        said = await able.ainvoke(state["messages"])
        used = (said.usage_metadata or {}).get("total_tokens") or _estimated(state["messages"], said)
        return {"messages": [said], "steps": state["steps"] + 1, "tokens": state["tokens"] + used}

    def answer(state: Thinking) -> Thinking:
        return {"answer": text_of(state["messages"][-1])[:ANSWER_CHARS].strip()}

    graph = StateGraph(Thinking)
    graph.add_node("gather", gathered)
    graph.add_node("think", think)
    graph.add_node("tools", ToolNode(list(tools)))
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

    async def nothing() -> Context:
        raise NotImplementedError

    edges = build_graph(nothing, BuiltIn(), []).get_graph().edges
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
