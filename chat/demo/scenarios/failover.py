"""Scenario B: a node is killed under traffic; its clients move to the others, and it returns."""

import asyncio

from chat.demo.scenarios.traffic import Crowd, crowd
from chat.demo.stage import Client, Stage, stay
from chat.demo.verdict import Verdict

CLIENTS = 12
PAUSE_SECONDS = 0.4
BEFORE_SECONDS = 2.5
AWAY_SECONDS = 3.0
AFTER_SECONDS = 1.5
MOVE_SECONDS = 15.0


async def run(stage: Stage) -> Verdict:
    """`kill -9` in the middle of it all."""
    story, verdict, node = stage.story, Verdict("failover"), stage.nodes[1]
    await stage.hold_on()
    async with crowd(stage, verdict, CLIENTS) as company:
        company.begin(pause_seconds=PAUSE_SECONDS)
        with story.waiting("messages_flow", company.progress):
            await asyncio.sleep(BEFORE_SECONDS)
        seconds = await _kill(stage, verdict, company, node)
        with story.waiting("node_restarts", node=node):
            await asyncio.sleep(AWAY_SECONDS)
            await stage.cluster.restart(node)
        await _come_home(stage, verdict, company, node)
        await asyncio.sleep(AFTER_SECONDS)
        await company.finish()
        company.tell(await company.judge(), recovered_seconds=seconds)
        story.line("failover_seconds", indent=1, seconds=f"{seconds:.2f}")
    return verdict


async def _kill(stage: Stage, verdict: Verdict, company: Crowd, node: str) -> float:
    """Kill the node and wait until its clients are served by others; the seconds that it took."""
    moved = company.on(node)
    stage.story.line("node_killed", node=node, place=stage.place(node), count=len(moved))
    killed_at = company.room.history.clock()
    await stage.cluster.kill(node)
    with stage.story.waiting("clients_move", lambda: [(client.name, client.device.node) for client in moved]):
        await asyncio.gather(*(_served_elsewhere(verdict, client, node) for client in moved))
    seconds = company.room.history.clock() - killed_at
    for client in moved:
        stage.story.line("client_moved", indent=1, client=client.name, origin=node, node=client.device.node)
    verdict.numbers |= {"moved": len(moved), "killed_node": node}
    return seconds


async def _served_elsewhere(verdict: Verdict, client: Client, node: str) -> None:
    try:
        await client.device.wait_for(lambda device: device.is_ready and device.node != node, MOVE_SECONDS)
    except TimeoutError:
        verdict.blame("not_moved", client=client.name, seconds=MOVE_SECONDS)


async def _come_home(stage: Stage, verdict: Verdict, company: Crowd, node: str) -> None:
    """The node is back: those who had been on it return in the middle of their talk."""
    returning = company.on(node)
    await asyncio.gather(*(stay(client.device, stage.urls_from(node)) for client in returning))
    for client in returning:
        verdict.expect("node_wrong", client=client.name, expected=node, found=client.device.node)
    stage.story.line("node_returned", node=node, place=stage.place(node), count=len(returning))
