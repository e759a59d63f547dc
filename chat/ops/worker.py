"""A node without a door: it runs the assistant's turns until it is told to end."""

import asyncio
import signal

from chat.node import Node


async def work(name: str) -> None:
    """Run turns and reminders until SIGTERM or SIGINT; what was begun is then handed over."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    node = Node(name, runs_assistant=True)
    await node.start()
    await told.wait()
    await node.drain()
