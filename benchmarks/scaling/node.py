"""One simulated node: an event loop and a writer thread that share one interpreter, and its outbox."""

from collections import defaultdict, deque
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.scaling.engine import Desk, Server, Step
from benchmarks.scaling.setup import Message
from chat.fanout.outbox import PACE_SECONDS, TOLERANCE_SECONDS
from chat.log.append import BATCH_CHANGES

if TYPE_CHECKING:
    from benchmarks.scaling.model import Site

FOLD_PIECES = 8
"""A fold waits for Redis between its pieces; other work of the loop goes in between."""


class Node:
    """One process: an event loop and a writer thread, which share one interpreter."""

    def __init__(self, site: "Site", number: int) -> None:
        self.site, self.of, self.clock, self.number = site, site.of, site.clock, number
        self.loop = Server(site.clock)
        self.outbox = Outbox(self)
        self._batching = site.setup.batching
        self._waiting: deque[Message] = deque()
        self._is_writing = False
        self._publishing: deque[tuple[int, list[Message]]] = deque()
        self._is_publishing = False
        self._mailbox: list[tuple[int, list[Message]]] = []
        self._done_at: dict[str, float] = {}

    def cold(self, step: str) -> float:
        """How much longer this step takes now than in a tight loop."""
        idle = self.clock.now - self._done_at.get(step, -1.0)
        self._done_at[step] = self.clock.now
        return self.site.slowness(idle)

    # A post comes in, and waits for the batch

    def take(self, message: Message) -> None:
        cost = self.of["dispatch"] + self.of["words"]
        self.loop.submit(lambda: (cost * self.cold("take"), partial(self._submit, message)))

    def _submit(self, message: Message) -> None:
        self._waiting.append(message)
        if not self._is_writing:
            self._write()

    # The writer thread: one transaction, of which each statement has to get the interpreter back

    def _write(self) -> None:
        self._is_writing = True
        most = BATCH_CHANGES if self._batching else 1
        batch = [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]
        prepare = self.of["prepare_each"] * len(batch)
        self.clock.after(self.of["wake"], lambda: self._compute(prepare, partial(self._lock, batch)))

    def _lock(self, batch: list[Message]) -> None:
        desk = self.site.desk_of(sorted({message.conversation for message in batch}))
        desk.take(partial(self._begin, batch, desk))

    def _begin(self, batch: list[Message], desk: Desk) -> None:
        """Where the desk is for all conversations, who came while the batch waited goes with it."""
        late = min(BATCH_CHANGES - len(batch), len(self._waiting))
        if not self._batching or not self.site.setup.is_one_writer:
            late = 0
        batch += [self._waiting.popleft() for _ in range(late)]
        statements = round(self.of["statements"])
        cost = (
            self.of["commit_fixed"] * self.cold("commit")
            + (self.of["commit_each"] - self.of["prepare_each"]) * len(batch)
            + self.of["prepare_each"] * late
            + self.of["commit_conversation"] * (len({message.conversation for message in batch}) - 1)
        )
        self._state(statements, cost / statements, partial(self._commit, batch, desk))

    def _state(self, left: int, cost: float, then: Step) -> None:
        if not left:
            self.clock.after(self.site.setup.fsync_seconds, then)
            return
        self._compute(cost, partial(self._state, left - 1, cost, then))

    def _compute(self, cost: float, then: Step) -> None:
        """Wait for the interpreter (at the next pause of the loop, or after the switch interval), then work."""
        wait = min(self.loop.rest, self.site.setup.switch_seconds)
        self.clock.after(wait, partial(self._work, cost, then))

    def _work(self, cost: float, then: Step) -> None:
        self.loop.steal(cost)
        self.clock.after(cost, then)

    def _commit(self, batch: list[Message], desk: Desk) -> None:
        desk.leave()
        self.clock.after(self.of["wake"], lambda: self.loop.submit(partial(self._settle, batch)))
        self._is_writing = False

    # Committed: acknowledged, given to the devices here, published

    def _settle(self, batch: list[Message]) -> tuple[float, Step]:
        news: dict[int, list[Message]] = defaultdict(list)
        for message in batch:
            news[message.conversation].append(message)

        def effect() -> None:
            if self.site.is_counting:
                self.site.outcome.posts += len(batch)
            for where, messages in news.items():
                self.outbox.put(where, messages)
                self._publishing.append((where, messages))
            self._publish()
            if self._waiting and not self._is_writing:
                self._write()

        return self.of["publish_each"] * (len(news) - 1 + self.cold("settle")) + self._hub_cost(news), effect

    def _publish(self) -> None:
        if self._is_publishing or not self._publishing:
            return
        most = len(self._publishing) if self._batching else 1
        batch = [self._publishing.popleft() for _ in range(most)]
        self._is_publishing = True
        self.site.publish(self.number, batch, self._published)

    def _published(self) -> None:
        self._is_publishing = False
        self._publish()

    # From other nodes

    def hear(self, where: int, messages: list[Message]) -> None:
        self._mailbox.append((where, messages))
        if len(self._mailbox) == 1 or not self._batching:
            self.loop.submit(self._receive)

    def _receive(self) -> tuple[float, Step]:
        heard, self._mailbox = self._mailbox, []

        def effect() -> None:
            for where, messages in heard:
                self.outbox.put(where, messages)

        cost = self.of["receive_each"] * (len(heard) - 1 + self.cold("receive"))
        return cost + self._hub_cost(dict(heard)), effect

    def _hub_cost(self, news: Mapping[int, list[Message]]) -> float:
        return sum(self.of["follower"] * self.devices(where) for where in news)

    def devices(self, conversation: int) -> int:
        return self.site.setup.seats[conversation].get(self.number, 0)

    # Behind it all

    def fold(self, pieces: int = FOLD_PIECES) -> None:
        def again() -> None:
            if pieces > 1:
                self.clock.after(2 * self.of["wake"], lambda: self.fold(pieces - 1))

        self.loop.submit(lambda: (self.of["fold"] / FOLD_PIECES, again))


class Outbox:
    """One frame per device for all that has gathered, at most one in 8 ms, the first at once."""

    def __init__(self, node: Node) -> None:
        self._node, self._clock = node, node.clock
        self._pending: dict[int, list[Message]] = {}
        self._quiet_until: dict[int, float] = {}
        self._pace = PACE_SECONDS if node.site.setup.batching else 0.0
        self._is_soon = False
        self._timer = float("inf")

    def put(self, where: int, messages: list[Message]) -> None:
        if not self._node.devices(where):
            return
        self._pending.setdefault(where, []).extend(messages)
        quiet = self._quiet_until.get(where, 0.0) - self._clock.now
        if quiet <= 0.0:
            self._soon()
        elif self._clock.now + quiet < self._timer:
            self._timer = self._clock.now + quiet
            self._clock.after(quiet, self._ring)

    def _ring(self) -> None:
        self._timer = float("inf")
        self._soon()

    def _soon(self) -> None:
        if not self._is_soon:
            self._is_soon = True
            self._node.loop.submit(self._flush)

    def _flush(self) -> tuple[float, Step]:
        self._is_soon = False
        now, of, node = self._clock.now, self._node.of, self._node
        due = [key for key in self._pending if self._quiet_until.get(key, 0.0) <= now + TOLERANCE_SECONDS]
        written = [(key, node.devices(key), self._pending.pop(key)) for key in due]
        if self._pending and self._timer == float("inf"):
            self._timer = min(self._quiet_until[key] for key in self._pending)
            self._clock.after(max(0.0, self._timer - now), self._ring)
        for key in due:
            self._quiet_until[key] = now + self._pace
        cost, cold = 0.0, node.cold("flush")
        for _, devices, messages in written:
            frames = 1 if node.site.setup.batching else len(messages)
            size = of["change_bytes"] * len(messages)
            cost += frames * (of["frame"] + devices * of["write"]) * cold + devices * size / 1000 * of["write_kb"]

        def effect() -> None:
            for _, devices, messages in written:
                for message in messages:
                    node.site.delivered(message, node.number, devices, self._clock.now - now)

        return cost, effect
