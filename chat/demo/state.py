"""What the system looks like at the end, as nodes, Redis and the store of checkpoints tell it."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx
import redis.asyncio
from django.conf import settings

from chat.demo.stage import Room, Stage
from chat.demo.verdict import Verdict
from chat.models import ChatSession
from chat.presence.redis_board import RedisBoard

ANSWER_SECONDS = 5.0
SETTLE_SECONDS = 15.0
"""A node keeps a channel for 10 s after its last connection to it has gone, and looks every 2 s."""

POLL_SECONDS = 0.2


@dataclass(slots=True)
class State:
    """What was found; what only Redis knows is None without it.

    `subscriptions`: nodes on the channel of the clients' conversation (PUBSUB NUMSUB). `channels`: all channels of
    conversations and users (PUBSUB CHANNELS).
    """

    connections: dict[str, int] = field(default_factory=dict)
    active_sessions: int = 0
    subscriptions: int | None = None
    channels: int | None = None
    checkpoints: int = 0
    checkpoint_bytes: int = 0


async def run(stage: Stage) -> Verdict:
    """Everybody who should be there is there, and Redis knows it."""
    verdict, room = Verdict("state"), await stage.team()
    await stage.go_home()
    expected = _expected(stage, room)
    with stage.story.waiting("state_settles"):
        state = await _settled(stage, room, expected)
    for name, value in expected.items():
        found = _found(state)[name]
        if not _fits(stage, name, expected=value, found=found):
            verdict.expect("state_wrong", what=name, expected=value, found=found)
    verdict.numbers = {"nodes": len(stage.nodes), **asdict(state)}
    _tell(stage, state)
    return verdict


def _expected(stage: Stage, room: Room) -> dict[str, Any]:
    nodes = {client.device.node for client in room.clients if client.device.is_connected}
    return {
        "connections": len(stage.connected),
        "active_sessions": len({client.user_id for client in stage.connected}),
        "subscriptions": len(nodes) if stage.redis_url else None,
    }


async def _settled(stage: Stage, room: Room, expected: dict[str, Any]) -> State:
    """Look until it is as expected, or for as long as it may take to become so."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + SETTLE_SECONDS
    while True:
        state = await _look(stage, room)
        found = _found(state)
        fits = all(_fits(stage, name, expected=value, found=found[name]) for name, value in expected.items())
        if fits or loop.time() > deadline:
            return state
        await asyncio.sleep(POLL_SECONDS)


def _found(state: State) -> dict[str, Any]:
    return {**asdict(state), "connections": sum(state.connections.values())}


def _fits(stage: Stage, name: str, *, expected: Any, found: Any) -> bool:
    """Whoever watches comes on top: as many connections as they like, perhaps on a node where nobody else is."""
    if stage.watchers and name != "active_sessions" and expected is not None:
        return bool(expected <= found)
    return bool(expected == found)


async def _look(stage: Stage, room: Room) -> State:
    state = State(connections=await _connections(stage))
    users = {client.user_id for client in stage.connected}
    if stage.redis_url:
        urls = stage.redis_url.split(",")
        state.channels, state.subscriptions = await _channels(urls, room.id)
        board = RedisBoard(urls[0], prefix=settings.REDIS_PREFIX)
        state.active_sessions = len(await board.homes(users))
        await board.close()
        sizes = await stage.sessions.sizes()
        state.checkpoints, state.checkpoint_bytes = sizes["sessions"], sizes["bytes"]
    else:
        state.active_sessions = await stage.database.read(_sessions_kept, list(users))
    return state


async def _connections(stage: Stage) -> dict[str, int]:
    """What each node says of itself."""
    async with httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False) as http:
        counts = await asyncio.gather(*(_connections_of(http, stage.cluster.http_url(node)) for node in stage.nodes))
    return dict(zip(stage.nodes, counts, strict=True))


async def _connections_of(http: httpx.AsyncClient, url: str) -> int:
    """A node that does not answer, or is not ready, has none."""
    try:
        return int((await http.get(f"{url}/readyz")).json().get("connections", 0))
    except (httpx.HTTPError, ValueError):
        return 0


async def _channels(urls: Sequence[str], conversation: int) -> tuple[int, int]:
    """(channels of conversations and users, subscribers of this conversation's), over all shards."""
    channels = subscribers = 0
    for url in urls:
        async with redis.asyncio.Redis.from_url(url, decode_responses=True, socket_timeout=ANSWER_SECONDS) as client:
            names: list[str] = await client.pubsub_channels(f"{settings.REDIS_PREFIX}__group__*")  # type: ignore[assignment]
            wanted = [name for name in names if name.endswith(f"__group__conversation.{conversation}")]
            channels += len(names)
            subscribers += sum(count for _, count in await client.pubsub_numsub(*wanted)) if wanted else 0
    return channels, subscribers


def _sessions_kept(user_ids: list[int]) -> int:
    return ChatSession.objects.filter(user_id__in=user_ids).count()


def _tell(stage: Stage, state: State) -> None:
    story = stage.story
    story.line("state")
    story.line("state_nodes", indent=1, count=len(stage.nodes), total=sum(state.connections.values()))
    for node, connections in state.connections.items():
        story.line("state_node", indent=2, node=node, place=stage.place(node), count=connections)
    story.line("state_sessions", indent=1, count=state.active_sessions)
    if state.subscriptions is None:
        story.line("state_no_redis", indent=1)
        return
    story.line("state_subscriptions", indent=1, count=state.subscriptions)
    story.line("state_channels", indent=1, count=state.channels)
    kib = f"{state.checkpoint_bytes / 1024:.1f}"
    story.line("state_checkpoints", indent=1, count=state.checkpoints, kib=kib)
