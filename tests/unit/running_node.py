"""A node that runs in a loop of its own, beside a test that opens pages as a browser does."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from channels.layers import channel_layers

import chat.node
from chat.node import Node, running_node, start_node

START_SECONDS = 20


@contextmanager
def running() -> Iterator[Node]:
    """The node of this process; needs a database in which what a test wrote is committed."""
    channel_layers.backends.clear()  # the layer belongs to the loop in which it was made
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        node = asyncio.run_coroutine_threadsafe(_begin(), loop).result(START_SECONDS)
        yield node
        asyncio.run_coroutine_threadsafe(node.drain(), loop).result(START_SECONDS)
    finally:
        chat.node._running = None
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_SECONDS)
        loop.close()
        channel_layers.backends.clear()


async def _begin() -> Node:
    start_node()
    return await running_node()
