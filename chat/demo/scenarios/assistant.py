"""The assistant: the node that speaks is killed in the middle of the sentence, and another one finishes it."""

import asyncio

from chat.demo.proving import prove
from chat.demo.scenarios.acts import post
from chat.demo.stage import Client, Room, Stage, arrival, stay
from chat.demo.truth import assistant_id, speaker_of
from chat.demo.verdict import Verdict
from chat.proof.device import Device
from chat.proof.evidence import Trigger
from chat.proof.heard import Heard
from chat.proof.history import History

USER = "assistant_user"
GROUP_TITLE = "assistant"
DEVICES = 3
SPOKEN_CHARS = 120
"""So much has been said when the node dies."""
ANSWER_SECONDS = 40.0
FAIL_OVER_SECONDS = 5.0


async def run(stage: Stage) -> Verdict:
    """A question, the answer on three devices on three nodes, `kill -9`, and the same answer everywhere, once."""
    story, verdict = stage.story, Verdict("assistant")
    history = History()
    await stage.hold_on()
    clients = await _connect(stage, history)
    assistant, username = await stage.database.read(assistant_id)
    room = await _open_room(stage, clients, history, username)
    text = _question(stage, username)
    question = await post(verdict, clients[0], room.id, text)
    story.line("assistant_asked", text=text)
    await arrival(clients, lambda device: _said(device, room.id) >= SPOKEN_CHARS, ANSWER_SECONDS)
    node = await stage.database.read(speaker_of, room.id)
    if node not in stage.nodes:
        verdict.blame("assistant_silent", seconds=ANSWER_SECONDS)
        await stage.leave(clients)
        return verdict
    await _kill(stage, verdict, room, node)
    await _compare(stage, verdict, room)
    await prove(stage, verdict, [room], [Trigger(room.id, question, assistant)])
    await stage.leave(clients)
    await stage.go_home()
    return verdict


async def _connect(stage: Stage, history: History) -> list[Client]:
    ids = await stage.enlist([USER])
    clients = []
    for number in range(DEVICES):
        node = stage.node_for(number)
        client = await stage.enter(f"assistant_device_{number + 1}", USER, ids[USER], node, history)
        await stay(client.device, stage.urls_from(node))
        clients.append(client)
        stage.story.line("device_connected", indent=1, device=client.name, place=stage.place(node))
    return clients


async def _open_room(stage: Stage, clients: list[Client], history: History, username: str) -> Room:
    """A direct conversation with the assistant; a group when somebody watches."""
    title = GROUP_TITLE if stage.watchers else ""
    made = await clients[0].device.create([username, *stage.watchers], title=title)
    room = Room(made["conversation"], clients, history)
    await arrival(clients, lambda device: room.id in device.conversations)
    return room


def _question(stage: Stage, username: str) -> str:
    """In a group the assistant answers whoever mentions it."""
    text = stage.story.text("assistant_question")
    return f"@{username} {text}" if stage.watchers else text


async def _kill(stage: Stage, verdict: Verdict, room: Room, node: str) -> None:
    """`kill -9` of the node that speaks; how long until the devices hear another one go on."""
    story, clock = stage.story, room.history.clock
    witnesses = [client for client in room.clients if client.device.node != node]
    story.line("assistant_speaks", node=node, place=stage.place(node), text=_heard(witnesses[0], room).text[-60:])
    killed_at = clock()
    await stage.cluster.kill(node)
    story.line("assistant_killed", node=node)
    with story.waiting("assistant_moves"):
        await arrival(witnesses, lambda device: _attempt(device, room.id) >= 2, ANSWER_SECONDS)
    seconds = clock() - killed_at
    other = await stage.database.read(speaker_of, room.id)
    story.line("assistant_goes_on", node=other, seconds=f"{seconds:.2f}")
    verdict.numbers |= {"killed_node": node, "continued_on": other, "fail_over_seconds": round(seconds, 2)}
    if seconds > FAIL_OVER_SECONDS:
        verdict.blame("assistant_slow", seconds=f"{seconds:.2f}", limit=FAIL_OVER_SECONDS)
    await stage.cluster.restart(node)
    await arrival(room.clients, lambda device: bool(_answers(device, room.id)), ANSWER_SECONDS)


async def _compare(stage: Stage, verdict: Verdict, room: Room) -> None:
    """Every device holds one answer, and the same."""
    await asyncio.sleep(1.0)  # a second answer would have come by now
    finals = [_answers(client.device, room.id) for client in room.clients]
    for client, texts in zip(room.clients, finals, strict=True):
        verdict.expect("assistant_answers", client=client.name, expected=1, found=len(texts))
        stage.story.line("assistant_device", indent=1, device=client.name, count=len(texts), chars=len("".join(texts)))
    if len({tuple(texts) for texts in finals}) == 1:
        stage.story.line("assistant_equal", indent=1)
    else:
        verdict.blame("assistant_differs")
    verdict.numbers |= {"answers": [len(texts) for texts in finals], "characters": len("".join(finals[0]))}


def _heard(client: Client, room: Room) -> Heard:
    return next(each for each in client.device.heard.values() if each.conversation == room.id)


def _said(device: Device, conversation: int) -> int:
    return max((len(each.text) for each in device.heard.values() if each.conversation == conversation), default=0)


def _attempt(device: Device, conversation: int) -> int:
    return max((each.attempt for each in device.heard.values() if each.conversation == conversation), default=0)


def _answers(device: Device, conversation: int) -> list[str]:
    """What the assistant has said for good: the only one there besides the asker."""
    messages = device.replica(conversation).messages.values()
    return [each["text"] for each in messages if each["kind"] == "text" and each["sender"]["id"] != device.user["id"]]
