"""The layer of channels_redis as it is, with no more than the names by which a node asks for things."""

from collections.abc import Callable
from typing import Any, ClassVar

from channels_redis.pubsub import RedisPubSubChannelLayer


class StockLayer(RedisPubSubChannelLayer):
    """Says that it is always healthy: the stock layer does not know better."""

    healthy = True
    generation = 0
    counters: ClassVar[dict[str, int]] = {}

    async def start(self) -> None:
        """It connects with its first use."""

    async def receive_batch(self, channel: str) -> list[dict[str, Any]]:
        return [await self.receive(channel)]

    def on_resync(self, callback: Callable[[int | None], None]) -> Callable[[], None]:
        """It has no such notion: `on_reconnect` of channels_redis is never called."""
        return lambda: None

    async def check_hosts(self) -> str | None:
        return None
