"""How a page, which runs in a thread of Django's, asks the node of this process, which runs in its loop."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from chat.node import Node, node_if_running
from chat.wire.errors import ChatError, ErrorCode

Answer = TypeVar("Answer")

ASK_SECONDS = 12.0
"""Longer than the writer of `chat.database` takes to give up."""


def ask_node(question: Callable[[Node], Coroutine[Any, Any, Answer]], *, seconds: float = ASK_SECONDS) -> Answer:
    """Have the node do something and wait for it. Raises ChatError, UNAVAILABLE where no node runs or answers."""
    node = node_if_running()
    if node is None:
        raise ChatError(ErrorCode.UNAVAILABLE, "No node is running here.")
    asked = asyncio.run_coroutine_threadsafe(question(node), node.loop)
    try:
        return asked.result(seconds)
    except TimeoutError:
        asked.cancel()
        raise ChatError(ErrorCode.UNAVAILABLE, "The node did not answer in time.") from None
