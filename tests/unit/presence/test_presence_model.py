"""Whatever happens to nodes and devices, presence ends with what a simple model says, and was told as changes."""

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from chat.presence import Presence
from chat.presence.memory_board import MemoryBoard

NODES = range(3)
USERS = range(3)
MOVES = st.tuples(
    st.sampled_from(["arrive", "arrive", "depart"]),
    st.sampled_from(NODES),
    st.sampled_from(USERS),
    st.sampled_from("pq"),
)
FATES = st.tuples(st.sampled_from(["freeze", "thaw", "crash", "hint"]), st.sampled_from(NODES))
PAUSES = st.tuples(st.just("pass"), st.integers(1, 20))
STEPS = st.lists(st.one_of(MOVES, MOVES, FATES, PAUSES), max_size=30)
LONG_ENOUGH = 60  # to be found dead, to settle, and to be looked up again


class Cluster:
    def __init__(self) -> None:
        self.now = 0.0
        self.board = MemoryBoard(clock=lambda: self.now)
        self.told: list[dict[int, list[bool]]] = [{user: [False] for user in USERS} for _ in NODES]
        self.nodes = [self.open(number) for number in NODES]
        self.connections: Counter[tuple[int, int, str]] = Counter()
        self.frozen: set[int] = set()
        self.crashed: set[int] = set()

    def open(self, number: int) -> Presence:
        def tell(user_id: int, online: bool) -> None:
            self.told[number][user_id].append(online)

        return Presence(self.board, node=f"node {number}", on_change=tell, clock=lambda: self.now)

    def moving(self) -> list[int]:
        return [number for number in NODES if number not in self.frozen | self.crashed]

    async def start(self) -> None:
        for node in self.nodes:
            await node.beat()
            node.watch(USERS)
            assert await node.online(USERS) == set()

    async def pass_time(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1
            for number in self.moving():
                await self.nodes[number].beat()

    async def move(self, verb: str, number: int, user: int, device: str) -> None:
        if number not in self.moving():
            return
        if verb == "arrive":
            self.connections[number, user, device] += 1
            await self.nodes[number].arrive(user, device)
        elif self.connections[number, user, device]:
            self.connections[number, user, device] -= 1
            await self.nodes[number].depart(user, device)

    async def meet_fate(self, fate: str, number: int) -> None:
        if fate == "hint":
            for user in USERS:
                self.nodes[number].hint(user)
            if number in self.moving():
                await self.nodes[number].follow_hints()
        elif fate == "thaw":
            self.frozen.discard(number)
        else:
            (self.frozen if fate == "freeze" else self.crashed).add(number)

    async def do(self, step: tuple) -> None:  # type: ignore[type-arg]
        if step[0] == "pass":
            await self.pass_time(step[1])
        elif len(step) == 2:
            await self.meet_fate(*step)
        else:
            await self.move(*step)

    def online_users(self) -> set[int]:
        return {user for (number, user, _), count in self.connections.items() if count and number not in self.crashed}


async def run(steps: list[tuple]) -> None:  # type: ignore[type-arg]
    cluster = Cluster()
    await cluster.start()
    for step in steps:
        await cluster.do(step)
    cluster.frozen.clear()
    await cluster.pass_time(LONG_ENOUGH)
    for number in cluster.moving():
        told = cluster.told[number]
        assert {user for user in USERS if told[user][-1]} == cluster.online_users()
        assert await cluster.nodes[number].online(USERS) == cluster.online_users()
        for user in USERS:
            assert told[user] == [bool(index % 2) for index in range(len(told[user]))]


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_every_living_node_ends_with_the_truth_and_told_only_real_changes(steps: list[tuple]):  # type: ignore[type-arg]
    asyncio.run(run(steps))
