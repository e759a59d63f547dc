"""A post's way as a discrete-event simulation: batch, commit, loop, Redis, other nodes' loops, one frame per device."""

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from benchmarks.scaling.engine import Clock, Desk, Server, Step
from benchmarks.scaling.node import Node
from benchmarks.scaling.setup import Message, Outcome, Setup


class Site:
    """Nodes, one Redis and one database; `run` answers what was counted."""

    def __init__(self, setup: Setup, constants: Mapping[str, float]) -> None:
        self.setup, self.of = setup, constants
        self.clock = Clock()
        self.random = random.Random(setup.seed)
        self.redis = Server(self.clock)
        self.desks: dict[int, Desk] = defaultdict(lambda: Desk(self.clock))
        self.nodes = [Node(self, number) for number in range(setup.nodes)]
        self.listeners = [sorted(seats) for seats in setup.seats]
        self.outcome = Outcome(1.0)
        self.is_counting = False

    def run(self, seconds: float, warm_up_seconds: float = 0.5) -> Outcome:
        self._start()
        self.clock.run(warm_up_seconds)
        self.is_counting, self.outcome = True, Outcome(seconds)
        before = self._spent()
        self.clock.run(warm_up_seconds + seconds)
        loops, redis, desks = (now - then for now, then in zip(self._spent(), before, strict=True))
        self.outcome.node_cores = loops / seconds
        self.outcome.loop_share = loops / seconds / len(self.nodes)
        self.outcome.redis_share, self.outcome.database_share = redis / seconds, desks / seconds
        return self.outcome

    def slowness(self, idle_seconds: float) -> float:
        """How much longer a step takes that was not done for so long: its code and data have left the caches."""
        return 1.0 + (self.of["cold"] - 1.0) * idle_seconds / (idle_seconds + self.of["cold_after"])

    def desk_of(self, conversations: Sequence[int]) -> Desk:
        return self.desks[0 if self.setup.is_one_writer else conversations[0]]

    def post(self, sender: int) -> None:
        conversation, node = self.setup.senders[sender]
        message = Message(conversation, node, self.clock.now, sender)
        self.clock.after(self.of["wake"] + self.setup.network_seconds, lambda: self.nodes[node].take(message))

    def publish(self, sender: int, batch: list[tuple[int, list[Message]]], done: Step) -> None:
        of = self.of
        others = [(where, [n for n in self.listeners[where] if n != sender], news) for where, news in batch]
        cost = sum(of["redis_publish"] + len(nodes) * of["redis_subscriber"] for _, nodes, _ in others)

        def effect() -> None:
            self.clock.after(of["wake"] + self.setup.network_seconds, done)
            for where, nodes, news in others:
                for node in nodes:
                    self.clock.after(
                        of["wake"] + self.setup.network_seconds, partial(self.nodes[node].hear, where, news)
                    )

        self.clock.after(of["wake"] + self.setup.network_seconds, lambda: self.redis.submit(lambda: (cost, effect)))

    def delivered(self, message: Message, node: int, devices: int, took: float) -> None:
        """`took` is how long writing to all of this node's devices took; it has just ended."""
        if self.is_counting:
            self.outcome.deliveries += devices
            for _ in range(min(devices, 3)):
                late = self.random.random() * took
                heard = self.clock.now - late + self.of["wake"] + self.setup.network_seconds
                self.outcome.latencies.append(heard - message.posted_at)
        if node == message.node and self.setup.window:
            self.clock.after(self.of["wake"], lambda: self.post(message.sender))

    def _spent(self) -> tuple[float, float, float]:
        loops = sum(node.loop.busy_seconds for node in self.nodes)
        return loops, self.redis.busy_seconds, sum(desk.busy_seconds for desk in self.desks.values())

    def _start(self) -> None:
        setup = self.setup
        for sender in range(len(setup.senders)):
            for _ in range(setup.window):
                self.clock.after(self.random.random() * 0.01, partial(self.post, sender))
            if setup.rate:
                self.clock.after(self.random.random() / setup.rate, partial(self._keep_posting, sender))
        for node in self.nodes:
            self._poisson(setup.folds_per_second, node.fold)
            self._poisson(setup.loop_share / 1e-3, lambda node=node: node.loop.submit(lambda: (1e-3, _nothing)))
        self._poisson(setup.redis_share / 1e-4, lambda: self.redis.submit(lambda: (1e-4, _nothing)))
        if setup.is_one_writer:
            self._poisson(setup.database_share / 2e-3, self._others_write)

    def _others_write(self) -> None:
        self.desks[0].take(lambda: self.clock.after(2e-3, self.desks[0].leave))

    def _keep_posting(self, sender: int) -> None:
        self.post(sender)
        self.clock.after(1.0 / self.setup.rate, partial(self._keep_posting, sender))

    def _poisson(self, rate: float, step: Step) -> None:
        def again() -> None:
            step()
            self.clock.after(self.random.expovariate(rate), again)

        if rate > 0:
            self.clock.after(self.random.expovariate(rate), again)


def _nothing() -> None:
    """Others' work has no effect here."""
