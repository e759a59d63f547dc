"""The stage of a demo: nodes, Redis, database, and the clients that have logged in."""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from django.conf import settings

from chat.database import Database
from chat.demo.options import Options
from chat.demo.people import People
from chat.demo.story import Story
from chat.ops.static_files import COLLECTED, collect
from chat.proof.cluster import Cluster
from chat.proof.device import Device
from chat.proof.history import History
from chat.proof.login import log_in
from chat.session.checkpoints import Checkpoints
from chat.session.redis_store import RedisStore
from chat.session.service import SessionService

ARRIVE_SECONDS = 15.0
"""How long a message may take before it counts as lost; a healthy one takes milliseconds."""

TEAM_TITLE = "demo"
GENEROUS = {
    "DISTCHAT_POSTS_PER_10S": "100000",
    "DISTCHAT_COMMANDS_PER_10S": "100000",
    "DISTCHAT_LOGINS_PER_MINUTE": "100000",
}
"""A hundred clients come from one address here, and post faster than people do."""

LOCAL = {"ALLOWED_HOSTS": "localhost,127.0.0.1", "DISTCHAT_HTTPS": "false", "DISTCHAT_TRUST_PROXY": "false"}
"""Whatever this machine's settings are for, the nodes of the demo are spoken to directly."""


@dataclass(slots=True)
class Client:
    """A device, the user it belongs to, and the node to which it first connected."""

    device: Device
    username: str
    user_id: int
    node: str

    @property
    def name(self) -> str:
        return self.device.name


@dataclass(slots=True)
class Room:
    """A conversation, who takes part in it, and the history in which their devices are recorded."""

    id: int
    clients: list[Client]
    history: History

    @property
    def user_ids(self) -> list[int]:
        return sorted({client.user_id for client in self.clients})

    @property
    def names(self) -> list[str]:
        return [client.name for client in self.clients]


@dataclass(slots=True)
class Stage:
    """What the scenarios act with; `redis_url` is empty without Redis. `rooms` are those on `history`."""

    options: Options
    story: Story
    cluster: Cluster
    database: Database
    sessions: SessionService
    people: People
    redis_url: str
    logs: Path
    chance: random.Random
    history: History = field(default_factory=History)
    clients: list[Client] = field(default_factory=list)
    devices: list[Client] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    watchers: list[str] = field(default_factory=list)
    """Users without a client: a person looks through their eyes, and changes nothing for those who are measured."""

    @property
    def nodes(self) -> list[str]:
        return self.cluster.names

    @property
    def connected(self) -> list[Client]:
        """Everyone who should be there now."""
        return [client for client in [*self.clients, *self.devices] if client.device.is_connected]

    def place(self, node: str) -> str:
        """Where a node is, as a person would write it."""
        return f"localhost:{self.cluster.nodes[node].port}"

    def node_for(self, number: int) -> str:
        """Clients are spread over the nodes in turn."""
        return self.nodes[number % len(self.nodes)]

    def node_beside(self, node: str) -> str:
        """The next node that runs, another one than this if there is any."""
        start = self.nodes.index(node) + 1
        others = [*self.nodes[start:], *self.nodes[: start - 1]]
        return next((name for name in others if self.cluster.nodes[name].is_running), node)

    def urls_from(self, node: str) -> list[str]:
        """The addresses of all nodes, this one first."""
        start = self.nodes.index(node)
        return [self.cluster.ws_url(name) for name in [*self.nodes[start:], *self.nodes[:start]]]

    async def enlist(self, usernames: Sequence[str]) -> dict[str, int]:
        return await self.database.write(self.people.enlist, usernames)

    async def enter(self, name: str, username: str, user_id: int, node: str, history: History) -> Client:
        """Log in over HTTP like a browser, and open the socket of a device."""
        cookies = await log_in(self.cluster.http_url(node), username, self.people.password)
        device = Device(name, cookies=cookies, history=history)
        await device.connect(self.cluster.ws_url(node))
        return Client(device, username, user_id, node)

    async def team(self) -> Room:
        """The conversation of the five clients, made when it is first needed."""
        if not self.rooms:
            self.rooms.append(await open_room(self.clients, self.history, TEAM_TITLE, watchers=self.watchers))
        return self.rooms[0]

    async def hold_on(self) -> None:
        """From now on everybody moves to another node by themselves when their own goes away."""
        await asyncio.gather(*(stay(client.device, self.urls_from(client.node)) for client in self.connected))

    async def go_home(self) -> None:
        """Whoever has moved by themselves returns to the node of the beginning."""
        away = [each for each in self.connected if not each.device.has_given_up and each.device.node != each.node]
        await asyncio.gather(*(stay(client.device, self.urls_from(client.node)) for client in away))

    async def leave(self, clients: Iterable[Client]) -> None:
        await asyncio.gather(*(client.device.close() for client in clients))


async def stay(device: Device, urls: Sequence[str]) -> None:
    """Connect anew to the first address, and from then on to the next whenever one goes away. Raises TimeoutError."""
    welcomes = device.welcomes
    await device.follow(urls)
    await device.wait_for(lambda device: device.is_ready and device.welcomes > welcomes, ARRIVE_SECONDS)


async def open_room(clients: list[Client], history: History, title: str, *, watchers: Sequence[str] = ()) -> Room:
    """A new conversation of all these clients and watchers, once every client has heard of it."""
    first = clients[0]
    others = sorted({client.username for client in clients} - {first.username}) + list(watchers)
    created = await first.device.create(others, title=title)
    room = Room(created["conversation"], clients, history)
    await arrival(room.clients, lambda device: device.cursor(room.id) >= 1)
    return room


async def arrival(
    clients: Iterable[Client], predicate: Callable[[Device], object], timeout_seconds: float = ARRIVE_SECONDS
) -> bool:
    """Wait until it holds on all devices; False when it does not in time, which the verdict then explains."""
    waits = [client.device.wait_for(predicate, timeout_seconds) for client in clients]
    return not any(await asyncio.gather(*waits, return_exceptions=True))


def sessions_of(database: Database, redis_url: str) -> tuple[SessionService, Checkpoints]:
    """A session service that only looks; without Redis it sees what SQL knows."""
    checkpoints = Checkpoints(
        partial(RedisStore, redis_url.split(",")[0], prefix=settings.REDIS_PREFIX, keys=settings.CHANNEL_SECRET)
        if redis_url
        else None
    )
    return SessionService(database, checkpoints, node_name="run_demo"), checkpoints


async def open_stage(exits: AsyncExitStack, options: Options, story: Story, redis_url: str, logs: Path) -> Stage:
    """Start the nodes; `exits` ends everything. Raises StartFailed."""
    database = Database()
    exits.push_async_callback(database.close)
    sessions, checkpoints = sessions_of(database, redis_url)
    await checkpoints.start()
    exits.push_async_callback(checkpoints.stop)
    is_collected = await asyncio.to_thread(collect)
    environment = {**GENEROUS, **LOCAL, "REDIS_URL": redis_url, "DISTCHAT_FAILPOINT": "", COLLECTED: str(is_collected)}
    cluster = Cluster(options.nodes, base_port=options.base_port, environment=environment, log_directory=logs)
    await exits.enter_async_context(cluster)
    people, chance = People(), random.Random(options.seed)
    stage = Stage(options, story, cluster, database, sessions, people, redis_url, logs, chance)
    exits.push_async_callback(_close_all, stage)
    return stage


async def _close_all(stage: Stage) -> None:
    await stage.leave([*stage.clients, *stage.devices])
