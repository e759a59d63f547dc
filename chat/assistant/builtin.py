"""The built-in model: no key, no network and no intelligence; it knows a few requests, uses the tools, and says so."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable

from chat.assistant.builtin_words import ENGLISH, PATTERNS, SIMPLIFIED_CHINESE, Words

PACE_SECONDS = 0.03
"""Between two words: as fast as people read."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_PIECES = re.compile(r"[\u4e00-\u9fff，。！？；：、]|\S+\s*|\s+")


class BuiltIn(BaseChatModel):
    """Answers by rules, through the same graph, tools and streaming as any other model."""

    pace_seconds: float = PACE_SECONDS

    @property
    def _llm_type(self) -> str:
        return "built-in"

    def bind_tools(self, tools: Sequence[Any], **_options: Any) -> Runnable[Any, Any]:
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_options: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=reply_to(messages))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **_options: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        reply = reply_to(messages)
        if reply.tool_calls:
            chunk = AIMessageChunk(content="", tool_calls=reply.tool_calls)
            yield ChatGenerationChunk(message=chunk)
            return
        for piece in _PIECES.findall(str(reply.content)):
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
            await asyncio.sleep(self.pace_seconds)


def reply_to(messages: Sequence[BaseMessage]) -> AIMessage:
    """What the built-in model says next: a tool call, or the answer."""
    question = _question(messages)
    words = SIMPLIFIED_CHINESE if _CHINESE.search(question) else ENGLISH
    last = messages[-1]
    if isinstance(last, ToolMessage):
        return AIMessage(_answer(words, str(last.name), str(last.content)))
    for tool, pattern in PATTERNS:
        if found := pattern.search(question):
            return _call(tool, _arguments(tool, found))
    return AIMessage(words.introduction.format(question=_quoted(question)))


def _question(messages: Sequence[BaseMessage]) -> str:
    """The last thing that somebody said, without the name before it and the mention in it."""
    said = next((str(each.content) for each in reversed(messages) if isinstance(each, HumanMessage)), "")
    return re.sub(r"@[\w-]+", "", said.partition(": ")[2] or said).strip()


def _arguments(tool: str, found: re.Match[str]) -> dict[str, Any]:
    groups = {name: value for name, value in found.groupdict().items() if value is not None}
    if tool == "remind":
        scale = {"h": 60, "小": 60, "d": 1440, "天": 1440, "s": 1 / 60, "秒": 1 / 60}
        return {
            "minutes": float(groups["count"]) * scale.get(groups["unit"][0].lower(), 1),
            "text": groups["text"].strip(),
        }
    if tool == "summarise_range":
        return {name: int(value) for name, value in groups.items()}
    return {"query": groups["query"].strip(" ?？\"'“”")} if tool == "search_history" else {}


def _call(tool: str, arguments: dict[str, Any]) -> AIMessage:
    return AIMessage("", tool_calls=[{"name": tool, "args": arguments, "id": uuid4().hex, "type": "tool_call"}])


def _answer(words: Words, tool: str, result: str) -> str:
    if not result:
        return words.nothing[tool]
    return words.found[tool].format(result=result)


def _quoted(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= 80 else line[:80] + " …"
