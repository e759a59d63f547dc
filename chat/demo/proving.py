"""Puts a run before the checker: its history, the log, and a complete read through every node."""

import asyncio
from collections.abc import Sequence

from chat.demo.stage import Client, Room, Stage
from chat.demo.truth import Event, log_of
from chat.demo.verdict import Verdict
from chat.proof.checker import Member, check
from chat.proof.device import Device
from chat.proof.evidence import Trigger

SHOWN_VIOLATIONS = 5
HISTORY_FILE = "history-{scenario}.jsonl"


async def prove(stage: Stage, verdict: Verdict, rooms: Sequence[Room], triggers: Sequence[Trigger] = ()) -> None:
    """Add every broken promise to the verdict; `rooms` are all conversations of their one history.

    The history of a scenario that fails is kept beside the logs of the nodes.
    """
    history = rooms[0].history
    log = await stage.database.read(log_of, [room.id for room in rooms])
    finals = {node: await _read_through(stage, node, rooms) for node in stage.nodes}
    members = {room.id: [Member(user) for user in room.user_ids] for room in rooms}
    # In a thread: what the checker takes to judge 30,000 lines must not make the devices miss their heartbeat.
    violations = await asyncio.to_thread(check, history, log, finals, members, triggers)
    reports = [report for room in rooms for client in room.clients for report in client.device.violations]
    verdict.numbers["violations"] = len(violations) + len(reports)
    for violation in violations[:SHOWN_VIOLATIONS]:
        verdict.blame("violation", rule=violation.rule, detail=violation.detail)
    for report in reports[:SHOWN_VIOLATIONS]:
        verdict.blame("violation", rule="W", detail=report)
    if not verdict.passed:
        history.dump(stage.logs / HISTORY_FILE.format(scenario=verdict.scenario))


async def _read_through(stage: Stage, node: str, rooms: Sequence[Room]) -> dict[int, list[Event]]:
    return {room.id: await _whole(stage, node, room.clients[0], room.id) for room in rooms}


async def _whole(stage: Stage, node: str, client: Client, conversation: int) -> list[Event]:
    """The conversation as a fresh device of a member reads it."""
    reader = Device("reader", cookies=client.device.cookies)
    await reader.connect(stage.cluster.ws_url(node))
    try:
        return await reader.whole_history(conversation)
    finally:
        await reader.close()
