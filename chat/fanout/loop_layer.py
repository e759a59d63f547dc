"""The channel layer as one event loop sees it: who reads which group, over which Redis."""

import asyncio
import logging
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from channels_redis.serializers import BaseMessageSerializer
from channels_redis.utils import _consistent_hash, decode_hosts
from redis.exceptions import ConnectionError as RedisConnectionError

from chat.fanout.hosts import fingerprint_of
from chat.fanout.link import link_pool
from chat.fanout.mailbox import Mailbox
from chat.fanout.shard import Shard
from chat.fanout.timing import Timing

logger = logging.getLogger(__name__)

Message = dict[str, Any]
ResyncCallback = Callable[[int | None], None]


class LoopLayer:
    """`channels`: channel → its mailbox; `groups`: Redis name of a group → channels in it, gone with the last one.

    A channel goes when its `receive` is cancelled, as in the stock layer; its groups stay until they are discarded.
    """

    def __init__(
        self,
        hosts: Sequence[Any] | None,
        prefix: str,
        serializer: BaseMessageSerializer,
        *,
        timing: Timing,
        mailbox_bytes: int,
    ) -> None:
        decoded = decode_hosts(hosts)
        self.prefix = prefix
        self.fingerprint = fingerprint_of(decoded)
        self.channels: dict[str, Mailbox] = {}
        self.groups: dict[str, set[str]] = {}
        self.counters: Counter[str] = Counter()
        self.generation = 0
        self.resync_callbacks: list[ResyncCallback] = []
        self._serializer = serializer
        self._mailbox_bytes = mailbox_bytes
        heartbeat = f"{self._heartbeats}{self.fingerprint}.{uuid.uuid4().hex}"
        self.shards = [
            Shard(
                link_pool(host),
                heartbeat,
                timing,
                on_message=self._deliver,
                on_resync=partial(self._resync, index),
            )
            for index, host in enumerate(decoded)
        ]

    async def start(self) -> None:
        """Connect every shard, and wait a moment for it."""
        await asyncio.gather(*[shard.confirm_heartbeat() for shard in self.shards])

    async def new_channel(self, prefix: str) -> str:
        channel = f"{self.prefix}{prefix}{uuid.uuid4().hex}"
        await self._open(channel)
        return channel

    async def receive_batch(self, channel: str, limit: int) -> list[Message]:
        if channel not in self.channels:
            await self._open(channel)
        mailbox = self.channels[channel]
        while True:
            if messages := self._decoded(await mailbox.take(limit)):
                return messages

    async def receive(self, channel: str) -> Message:
        try:
            return (await self.receive_batch(channel, 1))[0]
        except asyncio.CancelledError:
            self.drop_channel(channel)
            raise

    def drop_channel(self, channel: str) -> None:
        if self.channels.pop(channel, None) is not None:
            self._shard_of(channel).unsubscribe(channel)

    async def group_add(self, group: str, channel: str) -> bool:
        if channel not in self.channels:
            raise RuntimeError(f"group_add() is for channels of this process; {channel!r} is not one of them")
        name = self._name_of(group)
        self.groups.setdefault(name, set()).add(channel)
        return await self._shard_of(name).subscribe(name)

    def group_discard(self, group: str, channel: str) -> None:
        name = self._name_of(group)
        members = self.groups.get(name, set())
        members.discard(channel)
        if name in self.groups and not members:
            del self.groups[name]
            self._shard_of(name).unsubscribe(name)

    async def send(self, channel: str, message: Message) -> None:
        await self._publish_or_raise(channel, message)

    async def group_send(self, group: str, message: Message) -> None:
        await self._publish_or_raise(self._name_of(group), message)

    async def group_send_many(self, items: Iterable[tuple[str, Message]]) -> int:
        by_shard: dict[Shard, list[tuple[str, bytes]]] = {}
        failed = 0
        for group, message in items:
            name = self._name_of(group)
            try:
                by_shard.setdefault(self._shard_of(name), []).append((name, self._serializer.serialize(message)))
            except (TypeError, ValueError, OverflowError):
                logger.exception("a message for %s cannot be serialized", group)
                failed += 1
        results = await asyncio.gather(*[self._publish(shard, pairs) for shard, pairs in by_shard.items()])
        return failed + sum(results)

    async def other_fingerprints(self) -> set[str]:
        """The fingerprints of live nodes on our shards that are not ours; shards that are away are left out."""
        await self.start()
        pattern = _escaped(self._heartbeats) + "*"
        answers = [await shard.sender.call([("PUBSUB", "CHANNELS", pattern)]) for shard in self.shards]
        names = [name.decode() for answer in answers for name in (answer[0] if isinstance(answer[0], list) else [])]
        return {name.removeprefix(self._heartbeats).partition(".")[0] for name in names} - {self.fingerprint}

    async def flush(self) -> None:
        """Forget every channel and group and close every connection; it can be used again."""
        self.channels.clear()
        self.groups.clear()
        await asyncio.gather(*[shard.close() for shard in self.shards])

    @property
    def _heartbeats(self) -> str:
        return f"{self.prefix}__heartbeat__"

    def _name_of(self, group: str) -> str:
        # as in the stock layer, so that both can serve one deployment during a change
        return f"{self.prefix}__group__{group}"

    def _shard_of(self, name: str) -> Shard:
        index: int = _consistent_hash(name, len(self.shards))
        return self.shards[index]

    async def _open(self, channel: str) -> None:
        self.channels[channel] = Mailbox(self._mailbox_bytes)
        for shard in self.shards:
            shard.start()
        await self._shard_of(channel).subscribe(channel)

    async def _publish_or_raise(self, name: str, message: Message) -> None:
        shard = self._shard_of(name)
        if await self._publish(shard, [(name, self._serializer.serialize(message))]):
            raise RedisConnectionError(f"not published: {shard.sender.last_error}")

    async def _publish(self, shard: Shard, pairs: list[tuple[str, bytes]]) -> int:
        failed = await shard.sender.publish(pairs)
        self.counters["publish_failures"] += failed
        self.counters["published"] += len(pairs) - failed
        return failed

    def _deliver(self, name: str, raw: bytes) -> None:
        self.counters["received"] += 1
        for channel in (name,) if name in self.channels else self.groups.get(name, ()):
            mailbox = self.channels.get(channel)
            dropped = mailbox.put(raw) if mailbox is not None else 0
            if dropped:
                logger.warning("%s read too slowly: %d messages dropped", channel, dropped)
                self.counters["overflowed"] += dropped
                self._resync(None)

    def _resync(self, shard: int | None) -> None:
        self.generation += 1
        for callback in list(self.resync_callbacks):
            try:
                callback(shard)
            except Exception:
                logger.exception("a resync callback failed")

    def _decoded(self, raws: list[bytes]) -> list[Message]:
        messages = []
        for raw in raws:
            try:
                messages.append(self._serializer.deserialize(raw))
            except Exception:  # noqa: BLE001  anybody may publish anything to Redis; it must not end our receiving
                self.counters["undecodable"] += 1
        return messages


def _escaped(text: str) -> str:
    return "".join(f"\\{character}" if character in "*?[]\\" else character for character in text)
