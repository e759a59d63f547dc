"""The channel layer of distchat: Redis pub/sub that says when it may have missed something, and mends itself."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from channels_redis.pubsub import RedisPubSubChannelLayer
from channels_redis.utils import _wrap_close

from chat.fanout.loop_layer import LoopLayer, Message, ResyncCallback
from chat.fanout.mailbox import MAILBOX_BYTES
from chat.fanout.timing import Timing

BATCH_MESSAGES = 1000


class HardenedPubSubLayer(RedisPubSubChannelLayer):
    """A drop-in for `RedisPubSubChannelLayer` (`hosts`, `prefix`, `symmetric_encryption_keys` as there).

    Delivery stays at most once. Whenever something may have been missed (a link to Redis was replaced, a
    subscription came late, a mailbox overflowed) `generation` grows and the resync callbacks are called; readers
    then read the log. Every call has a time-out (`timing`); Redis being away never blocks a caller for longer.
    One connection set per event loop; everything is to be used on a running loop.
    """

    extensions: ClassVar = ["groups", "flush"]
    _layers: dict[asyncio.AbstractEventLoop, LoopLayer]

    def __init__(
        self,
        hosts: Sequence[Any] | None = None,
        prefix: str = "asgi",
        symmetric_encryption_keys: list[str | bytes] | None = None,
        *,
        timing: Timing | None = None,
        mailbox_bytes: int = MAILBOX_BYTES,
    ) -> None:
        super().__init__(symmetric_encryption_keys=symmetric_encryption_keys)
        self.prefix = prefix
        self._hosts = hosts
        self._timing = timing or Timing()
        self._mailbox_bytes = mailbox_bytes

    async def new_channel(self, prefix: str = "specific.") -> str:
        """A name that only this process reads; comes within `subscribe_seconds` even when Redis is away."""
        return await self._get_layer().new_channel(prefix)

    async def receive(self, channel: str) -> Message:
        """The next message; cancelled, it gives the channel up."""
        return await self._get_layer().receive(channel)

    async def receive_batch(self, channel: str, limit: int = BATCH_MESSAGES) -> list[Message]:
        """At least one message and at most `limit`; cancelled, it loses nothing and keeps the channel."""
        return await self._get_layer().receive_batch(channel, limit)

    def drop_channel(self, channel: str) -> None:
        """Read this channel no more."""
        self._get_layer().drop_channel(channel)

    async def send(self, channel: str, message: Message) -> None:
        """Raises `redis.exceptions.ConnectionError` when Redis has not taken it within `publish_seconds`."""
        await self._get_layer().send(channel, message)

    async def group_add(self, group: str, channel: str) -> bool:
        """True: Redis has confirmed it, no later message is missed. False: it will come, with a new generation.

        Raises `RuntimeError` for a channel that is not of this process.
        """
        return await self._get_layer().group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        """Does nothing when the channel is not in the group."""
        self._get_layer().group_discard(group, channel)

    async def group_send(self, group: str, message: Message) -> None:
        """Raises `redis.exceptions.ConnectionError` when Redis has not taken it within `publish_seconds`."""
        await self._get_layer().group_send(group, message)

    async def group_send_many(self, items: Iterable[tuple[str, Message]]) -> int:
        """One round trip per shard, in order; how many of the (group, message) pairs failed. Raises nothing."""
        return await self._get_layer().group_send_many(items)

    async def flush(self) -> None:
        """Forget channels and groups, close every connection of this loop; it can be used again."""
        await self._get_layer().flush()

    close = flush

    async def start(self) -> None:
        """Connect now instead of at the first use; waits at most `subscribe_seconds`."""
        await self._get_layer().start()

    def on_resync(self, callback: ResyncCallback) -> Callable[[], None]:
        """Call `callback(index of the shard, or None after an overflow)` with every new generation; undo by the result.

        Subscriptions are back when it is called, so what is read from then on has no hole. It must not block.
        """
        callbacks = self._get_layer().resync_callbacks
        callbacks.append(callback)
        return lambda: callbacks.remove(callback) if callback in callbacks else None

    @property
    def generation(self) -> int:
        """Grows whenever something may have been missed."""
        return self._get_layer().generation

    @property
    def healthy(self) -> bool:
        """Whether a heartbeat has come back from every shard within `silence_seconds`."""
        return self.unhealthy_since is None

    @property
    def unhealthy_since(self) -> float | None:
        """`time.monotonic()` of the first shard that is away, or None."""
        times = [shard.unhealthy_since for shard in self._get_layer().shards if shard.unhealthy_since is not None]
        return min(times, default=None)

    @property
    def shard_count(self) -> int:
        return len(self._get_layer().shards)

    @property
    def counters(self) -> dict[str, int]:
        """published, publish_failures, received, overflowed, undecodable (messages), reconnects, subscribed (names)."""
        layer = self._get_layer()
        names = ("published", "publish_failures", "received", "overflowed", "undecodable")
        return {name: layer.counters[name] for name in names} | {
            "reconnects": sum(max(0, shard.links_opened - 1) for shard in layer.shards),
            "subscribed": sum(shard.subscribed for shard in layer.shards),
        }

    def hosts_fingerprint(self) -> str:
        """The same on nodes whose host lists agree, in order."""
        return self._get_layer().fingerprint

    async def check_hosts(self) -> str | None:
        """A sentence when another live node of this prefix uses other hosts (they would not hear each other)."""
        others = await self._get_layer().other_fingerprints()
        if not others:
            return None
        return (
            f"Other nodes use another list of Redis hosts than this one ({', '.join(sorted(others))} instead of "
            f"{self.hosts_fingerprint()}): give every node the same REDIS_URL, in the same order."
        )

    def _get_layer(self) -> LoopLayer:
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            self._layers[loop] = LoopLayer(
                self._hosts,
                self.prefix,
                self._serializer,
                timing=self._timing,
                mailbox_bytes=self._mailbox_bytes,
            )
            _wrap_close(self, loop)
        return self._layers[loop]
