"""A crowd of clients who talk to each other while something happens, and how well they were served."""

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count, islice

from chat.demo.judging import Delivery, delivery_of
from chat.demo.language import SAID
from chat.demo.proving import prove
from chat.demo.scenarios.acts import post, tell_flaws
from chat.demo.stage import Client, Room, Stage, arrival, open_room
from chat.demo.verdict import Verdict
from chat.proof.device import Device
from chat.proof.history import History
from chat.proof.login import log_in_all

CATCH_UP_SECONDS = 20.0
LOGINS_AT_ONCE = 6

Addresses = Mapping[str, Sequence[str]]
"""Node to the addresses that its clients try in turn, when they are not simply all nodes."""


class Crowd:
    """Clients in one room with a history of their own."""

    def __init__(self, stage: Stage, verdict: Verdict, room: Room) -> None:
        self.stage = stage
        self.verdict = verdict
        self.room = room
        self.clients = room.clients
        self.acknowledged = 0
        self._is_over = False
        self._talks: list[asyncio.Task[None]] = []

    def on(self, node: str) -> list[Client]:
        """Those who began on this node."""
        return [client for client in self.clients if client.node == node]

    def begin(self, *, pause_seconds: float, posts_each: int | None = None) -> None:
        """Everybody starts to talk: so many messages, or until `finish`; a pause lasts up to twice `pause_seconds`."""
        for client in self.clients:
            chance = random.Random(self.stage.chance.random())
            talk = self._talk(client, chance, pause_seconds=pause_seconds, posts=posts_each)
            self._talks.append(asyncio.create_task(talk))

    def progress(self) -> list[tuple[str, ...]]:
        """So far, to look at while it goes on."""
        text, received = self.stage.story.text, sum(client.device.received for client in self.clients)
        return [
            (text("column_sent"), str(self.acknowledged)),
            (text("column_delivered"), str(received - len(self.clients))),  # without the news that the room exists
        ]

    async def finish(self) -> None:
        """Let everybody end the sentence that they are at."""
        self._is_over = True
        await self.fall_silent()

    async def fall_silent(self) -> None:
        """Wait until everybody has said what they had to say."""
        await asyncio.gather(*self._talks)

    async def end(self) -> None:
        """Stop talking, whatever is still on the way, and leave."""
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        self.room.history.end()
        await self.stage.leave(self.clients)

    async def judge(self) -> Delivery:
        """Give what is on its way the time that it may take, then be exact; and ask the checker."""
        heads = [client.device.cursor(self.room.id) for client in self.clients]
        head = max([self.acknowledged + 1, *heads])
        with self.stage.story.waiting("catching_up"):
            await arrival(
                self.clients, lambda device: device.is_ready and device.cursor(self.room.id) >= head, CATCH_UP_SECONDS
            )
        delivery = delivery_of(self.room.history, self.room.id, self.room.names)
        delivery.judge(self.verdict)
        with self.stage.story.waiting("checking"):
            await prove(self.stage, self.verdict, [self.room])
        return delivery

    def tell(self, delivery: Delivery, *, recovered_seconds: float) -> None:
        """The numbers that every one of these scenarios ends with."""
        story, numbers = self.stage.story, self.verdict.numbers
        numbers |= {"clients": len(self.clients), "recovered_seconds": round(recovered_seconds, 2)}
        story.gap()
        story.line("statistics")
        story.line("total_sent", indent=1, count=delivery.sent)
        story.line("total_delivered", indent=1, count=delivery.delivered, clients=len(self.clients))
        tell_flaws(self.stage, delivery)
        story.line("latency", indent=1, p50=numbers["p50_ms"], p99=numbers["p99_ms"])

    async def _talk(self, client: Client, chance: random.Random, *, pause_seconds: float, posts: int | None) -> None:
        said = SAID[self.stage.options.language]
        for number in islice(count(1), posts):
            await asyncio.sleep(chance.uniform(0, 2 * pause_seconds))
            if self._is_over:
                return
            if await post(self.verdict, client, self.room.id, f"{chance.choice(said)} ({number})"):
                self.acknowledged += 1


@asynccontextmanager
async def crowd(
    stage: Stage, verdict: Verdict, size: int, *, addresses: Addresses | None = None
) -> AsyncIterator[Crowd]:
    """So many users, each with one client, spread over the nodes and all in one conversation."""
    usernames = [f"{verdict.scenario}_user_{number}" for number in range(1, size + 1)]
    history = History()
    clients: list[Client] = []
    try:
        with stage.story.waiting("crowd_enters", lambda: [(f"{_ready(clients)} / {size}",)], count=size):
            clients += await _logged_in(stage, usernames, history)
            await asyncio.gather(*(_connect(stage, client, addresses or {}) for client in clients))
            room = await open_room(clients, history, verdict.scenario)
        company = Crowd(stage, verdict, room)
        stage.story.line("crowd_entered", count=size, nodes=len(stage.nodes))
        try:
            yield company
        finally:
            await company.end()
    finally:
        await stage.leave(clients)


def _ready(clients: Sequence[Client]) -> int:
    return sum(client.device.is_ready for client in clients)


async def _logged_in(stage: Stage, usernames: Sequence[str], history: History) -> list[Client]:
    ids = await stage.enlist(usernames)
    nodes = [stage.node_for(number) for number in range(len(usernames))]
    doors = [stage.cluster.http_url(node) for node in nodes]
    logins = [(door, name, stage.people.password) for door, name in zip(doors, usernames, strict=True)]
    cookies = await log_in_all(logins, at_once=LOGINS_AT_ONCE)
    return [
        Client(Device(f"client_{number}", cookies=cookie, history=history), name, ids[name], node)
        for number, (name, node, cookie) in enumerate(zip(usernames, nodes, cookies, strict=True), start=1)
    ]


async def _connect(stage: Stage, client: Client, addresses: Addresses) -> None:
    await client.device.follow(addresses.get(client.node) or stage.urls_from(client.node))
