"""The channel layer of a single node without Redis: it can lose nothing, and reaches nobody else."""

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

from channels.layers import InMemoryChannelLayer

CAPACITY = 100_000


class MemoryLayer(InMemoryChannelLayer):
    """`InMemoryChannelLayer` with what the hub asks of a layer; always healthy, never in need of a resync."""

    healthy = True
    generation = 0
    counters: ClassVar[dict[str, int]] = {}

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"capacity": CAPACITY, **options})

    async def start(self) -> None:
        """Nothing to connect to."""

    async def receive_batch(self, channel: str) -> list[dict[str, Any]]:
        """At least one message, and all that are there."""
        messages = [await self.receive(channel)]
        waiting: asyncio.Queue[Any] | None = self.channels.get(channel)
        while waiting is not None and not waiting.empty():
            messages.append(waiting.get_nowait()[1])
        return messages

    def on_resync(self, callback: Callable[[int | None], None]) -> Callable[[], None]:
        """Never calls it: nothing is lost inside one process."""
        return lambda: None

    async def check_hosts(self) -> str | None:
        return None
