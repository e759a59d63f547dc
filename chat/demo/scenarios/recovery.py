"""Demo 2: clients that were cut come back on another node to the same session and exactly what they missed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chat.demo.judging import posts_received
from chat.demo.proving import prove
from chat.demo.scenarios.acts import post
from chat.demo.sessions import Session, compare, given_session, kept_session, on_the_wire, settled_session
from chat.demo.stage import Client, Room, Stage, arrival
from chat.demo.verdict import Verdict
from chat.proof.device import Device

OWN_POSTS = 5
MISSED_POSTS = 6
SETTLE_SECONDS = 1.5
"""A session is saved at most once a second, behind the messages."""

GONE_SECONDS = 10.0
RESTORED_FROM = "checkpoint"


@dataclass(slots=True)
class Absence:
    """A client that was cut: its session before, and what was recorded by then."""

    client: Client
    session: Session
    lines: int


async def run(stage: Stage) -> Verdict:
    """One client leaves, the node of another is killed; both come back elsewhere."""
    story, verdict, room = stage.story, Verdict("recovery"), await stage.team()
    leaver, victims, killed = _choose(stage)
    cut = [leaver, *victims]
    await _have_a_past(stage, verdict, room, cut)
    story.line("cutting", count=len(cut))
    absences = [await _leave(stage, leaver), *await _die(stage, victims, killed)]
    missed = await _go_on(stage, verdict, room, cut)
    story.gap()
    story.line("reconnecting")
    for absence in absences:
        await _return(stage, verdict, room, absence, missed)
    if killed:
        await _bring_back(stage, verdict, room, killed, victims[0])
    await prove(stage, verdict, stage.rooms)
    verdict.numbers |= {"cut": len(cut), "missed": len(missed), "killed_node": killed}
    return verdict


def _choose(stage: Stage) -> tuple[Client, list[Client], str]:
    """Who leaves, who loses the node, and which node is killed: the one with the fewest clients.

    It is not the leaver's, unless there are only two: both have to come back on another node.
    """
    leaver, *rest = stage.clients
    if len(stage.nodes) == 1:
        return leaver, rest[:1], ""
    nodes = [leaver.node] if len(stage.nodes) == 2 else [node for node in stage.nodes if node != leaver.node]
    groups = {node: [client for client in rest if client.node == node] for node in nodes}
    killed = min((node for node, group in groups.items() if group), key=lambda node: len(groups[node]))
    return leaver, groups[killed], killed


async def _have_a_past(stage: Stage, verdict: Verdict, room: Room, clients: Sequence[Client]) -> None:
    """Whoever has not spoken yet does; then the sessions have time to be saved."""
    with stage.story.waiting("sessions_settle"):
        for client in clients:
            for number in range(OWN_POSTS if not client.device.session["message_count"] else 0):
                await post(verdict, client, room.id, stage.story.text("past_text", number=number + 1))
        await asyncio.sleep(SETTLE_SECONDS)


async def _leave(stage: Stage, client: Client) -> Absence:
    closed_at = on_the_wire(datetime.now(UTC))
    await client.device.close()
    stage.story.line("left", indent=1, client=client.name)
    return Absence(client, await settled_session(stage, client, since=closed_at), len(client.device.record))


async def _die(stage: Stage, victims: list[Client], node: str) -> list[Absence]:
    """Kill the node, or without another node cut the connection; nothing is said or saved at the end."""
    before = [await kept_session(stage, client) for client in victims]
    cut_at = on_the_wire(datetime.now(UTC))
    if node:
        await stage.cluster.kill(node)
    else:
        for client in victims:
            client.device.abort()
    await arrival(victims, lambda device: not device.is_connected, GONE_SECONDS)
    for client in victims:
        key = "cut_by_kill" if node else "cut_by_network"
        stage.story.line(key, indent=1, client=client.name, node=node, place=stage.place(client.node))
    if not node:
        before = [await settled_session(stage, client, since=cut_at) for client in victims]
    pairs = zip(victims, before, strict=True)
    return [Absence(client, session, len(client.device.record)) for client, session in pairs]


async def _go_on(stage: Stage, verdict: Verdict, room: Room, cut: Sequence[Client]) -> list[str]:
    """The others talk on; returns what was said."""
    others = [client for client in room.clients if client not in cut]
    texts = [stage.story.text("missed_text", number=number + 1) for number in range(MISSED_POSTS)]
    for number, text in enumerate(texts):
        await post(verdict, others[number % len(others)], room.id, text)
    stage.story.line("others_went_on", names=", ".join(client.name for client in others), count=len(texts))
    return texts


async def _return(stage: Stage, verdict: Verdict, room: Room, absence: Absence, missed: list[str]) -> None:
    client, story = absence.client, stage.story
    node = stage.node_beside(client.node)
    welcome = await client.device.connect(stage.cluster.ws_url(node))
    given, source = given_session(welcome), welcome["session"]["source"]
    got = [line.text for line in posts_received(room.history, client.name, room.id, since=absence.lines)]
    compare(verdict, client.name, before=absence.session, given=given)
    verdict.expect("source_wrong", client=client.name, expected=RESTORED_FROM, found=source)
    verdict.expect("node_wrong", client=client.name, expected=node, found=welcome["node"])
    verdict.expect("missed_wrong", client=client.name, expected=missed, found=got)
    verdict.numbers[client.name] = _facts(client, given, welcome["node"], source, len(got))
    story.line("restored", indent=1, client=client.name)
    story.line("restored_node", indent=2, node=welcome["node"], place=stage.place(node))
    story.line("restored_session", indent=2, session=given.id)
    story.line("restored_user", indent=2, user=client.username)
    story.line("restored_count", indent=2, count=given.message_count)
    story.line("restored_active", indent=2, at=given.last_active_text)
    story.line(f"source_{source}", indent=2)
    story.line("restored_missed", indent=2, count=len(got), expected=len(missed))


def _facts(client: Client, given: Session, node: str, source: str, missed: int) -> dict[str, object]:
    return {
        "user": client.username,
        "came_from": client.node,
        "came_to": node,
        "session_id": given.id,
        "message_count": given.message_count,
        "last_active": given.last_active.isoformat(),
        "source": source,
        "missed": missed,
    }


async def _bring_back(stage: Stage, verdict: Verdict, room: Room, node: str, client: Client) -> None:
    """Start the killed node again; a client goes home to it and is heard by everyone."""
    with stage.story.waiting("node_restarts", node=node):
        await stage.cluster.restart(node)
    await client.device.connect(stage.cluster.ws_url(node))
    seq = await post(verdict, client, room.id, stage.story.text("home_text", node=node))
    if not await arrival(room.clients, lambda device: _has(device, room.id, seq)):
        verdict.blame("node_not_back", node=node)
    stage.story.gap()
    stage.story.line("node_back", node=node, place=stage.place(node), client=client.name)


def _has(device: Device, conversation: int, seq: int) -> bool:
    return seq in device.replica(conversation).messages
