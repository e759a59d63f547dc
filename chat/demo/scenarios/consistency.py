"""Demo 1: whatever is posted on any node is on every device, once, in the same order."""

import asyncio
import uuid

from chat.demo.judging import Delivery, delivery_of
from chat.demo.language import SAID
from chat.demo.proving import prove
from chat.demo.scenarios.acts import post, posts_held, shows, tell_flaws
from chat.demo.stage import Client, Room, Stage, arrival
from chat.demo.verdict import Verdict
from chat.proof.history import History

POSTS_EACH = 5
HASH_SHOWN = 16
LONGEST_PAUSE_SECONDS = 0.12


async def run(stage: Stage) -> Verdict:
    """25 messages from 5 clients on 3 nodes."""
    verdict, room = Verdict("consistency"), await stage.team()
    first_text, *texts = _texts(stage, len(room.clients) * POSTS_EACH)
    head = room.clients[0].device.cursor(room.id) + 1 + len(texts)
    await _show_first(stage, verdict, room, first_text)
    stage.story.say("...")
    with stage.story.waiting("messages_flow", lambda: _counts(room)):
        await _post_all(stage, verdict, room, texts)
        await arrival(room.clients, lambda device: device.cursor(room.id) >= head)
    delivery = judge(verdict, room, sent=1 + len(texts))
    await prove(stage, verdict, stage.rooms)
    _show_statistics(stage, verdict, room, delivery)
    return verdict


def judge(verdict: Verdict, room: Room, *, sent: int) -> Delivery:
    """Exactly everything, once, in one order, with one hash."""
    delivery = judge_history(verdict, room.history, room.id, room.names, sent=sent)
    hashes = {client.name: client.device.transcript_hash(room.id) for client in room.clients}
    verdict.numbers["hashes"] = hashes
    if len(set(hashes.values())) != 1:
        verdict.blame("hashes_differ", hashes=", ".join(sorted(text[:HASH_SHOWN] for text in set(hashes.values()))))
    return delivery


def judge_history(verdict: Verdict, history: History, conversation: int, devices: list[str], *, sent: int) -> Delivery:
    """What the history alone says: every device was shown `sent` messages, each once, in their order."""
    delivery = delivery_of(history, conversation, devices)
    delivery.judge(verdict)
    verdict.expect("sent_wrong", expected=sent, found=delivery.sent)
    verdict.expect("delivered_wrong", expected=sent * len(devices), found=delivery.delivered)
    return delivery


def _texts(stage: Stage, count: int) -> list[str]:
    """The same for the same seed."""
    said = SAID[stage.options.language]
    rest = [f"{stage.chance.choice(said)} ({number})" for number in range(2, count + 1)]
    return [stage.story.text("hello_text"), *rest]


async def _show_first(stage: Stage, verdict: Verdict, room: Room, text: str) -> None:
    """The journey of one message, step by step."""
    sender, *others = room.clients
    client_id = str(uuid.uuid4())
    await post(verdict, sender, room.id, text, client_id=client_id)
    stage.story.line("posted", client=sender.name, text=text)
    await arrival(others, lambda device: shows(device, room.id, client_id))
    for client in others:
        if shows(client.device, room.id, client_id):
            stage.story.line("received_from", client=client.name, user=sender.username, text=text)


async def _post_all(stage: Stage, verdict: Verdict, room: Room, texts: list[str]) -> None:
    """Everybody talks at once, each one message after the other; the first client has said one already."""
    speakers = [*room.clients[1:], room.clients[0]]
    shares = [texts[place :: len(speakers)] for place in range(len(speakers))]
    pauses = [[stage.chance.uniform(0, LONGEST_PAUSE_SECONDS) for _ in share] for share in shares]
    talks = zip(speakers, shares, pauses, strict=True)
    await asyncio.gather(*(_talk(verdict, client, room.id, share, pause) for client, share, pause in talks))


async def _talk(verdict: Verdict, client: Client, conversation: int, texts: list[str], pauses: list[float]) -> None:
    for text, pause in zip(texts, pauses, strict=True):
        await asyncio.sleep(pause)
        await post(verdict, client, conversation, text)


def _counts(room: Room) -> list[tuple[str, ...]]:
    return [(client.name, client.device.node, str(posts_held(client, room.id))) for client in room.clients]


def _show_statistics(stage: Stage, verdict: Verdict, room: Room, delivery: Delivery) -> None:
    story, numbers = stage.story, verdict.numbers
    story.gap()
    story.line("statistics")
    story.line("total_sent", indent=1, count=delivery.sent)
    others = len(room.clients) - 1
    story.line("total_received", indent=1, count=delivery.received_from_others, sent=delivery.sent, others=others)
    tell_flaws(stage, delivery)
    story.line("latency", indent=1, p50=numbers["p50_ms"], p99=numbers["p99_ms"])
    header = [story.text(f"column_{name}") for name in ("client", "node", "messages", "hash")]
    hashes = numbers["hashes"]
    story.table(header, [(*row, hashes[row[0]][:HASH_SHOWN]) for row in _counts(room)])
