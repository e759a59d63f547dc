"""Demo 3: one user on three devices on three nodes sees the same everywhere."""

import asyncio

from chat.demo.judging import delivery_of
from chat.demo.proving import prove
from chat.demo.scenarios.acts import post, posts_held
from chat.demo.stage import Room, Stage, arrival, open_room
from chat.demo.verdict import Verdict
from chat.proof.device import Device

USER = "multi_device_user"
DEVICES = 3
MESSAGES = 3
ROOM_TITLE = "devices"


async def run(stage: Stage) -> Verdict:
    """Three messages, a read position and a draft, from the first device to all."""
    story, verdict = stage.story, Verdict("devices")
    story.line("devices_begin", user=USER, count=DEVICES)
    await _connect(stage)
    room = await open_room([*stage.devices, stage.clients[0]], stage.history, ROOM_TITLE)
    stage.rooms.append(room)
    story.gap()
    story.line("devices_post")
    await _post_three(stage, verdict, room)
    await _share_marks(stage, verdict, room)
    _check(stage, verdict, room)
    await prove(stage, verdict, [*stage.rooms])
    return verdict


async def _connect(stage: Stage) -> None:
    ids = await stage.enlist([USER])
    for number in range(DEVICES):
        node = stage.node_for(number)
        client = await stage.enter(f"device_{number + 1}", USER, ids[USER], node, stage.history)
        stage.devices.append(client)
        stage.story.line("device_connected", indent=1, device=client.name, place=stage.place(node))


async def _post_three(stage: Stage, verdict: Verdict, room: Room) -> None:
    first, *others = stage.devices
    for number in range(1, MESSAGES + 1):
        text = stage.story.text("device_text", number=number)
        seq = await post(verdict, first, room.id, text)
        stage.story.line("device_posted", number=1, text=text)
        await arrival(others, lambda device, seq=seq: seq in device.replica(room.id).messages)  # type: ignore[misc]
        for place, other in enumerate(others, start=2):
            if seq in other.device.replica(room.id).messages:
                stage.story.line("device_received", number=place, user=USER, text=text)


async def _share_marks(stage: Stage, verdict: Verdict, room: Room) -> None:
    """What a user has read and has begun to write follows the user to every device."""
    first, second, _ = stage.devices
    seq, draft = first.device.cursor(room.id), stage.story.text("draft_text")
    await second.device.read(room.id, seq)
    await first.device.draft(room.id, draft)
    key = (room.id, first.user_id)
    await asyncio.gather(
        arrival(stage.devices, lambda device: device.reads.get(key) == seq),
        arrival([second, stage.devices[2]], lambda device: device.drafts.get(room.id) == draft),
    )
    for client in stage.devices:
        device: Device = client.device
        verdict.expect("read_wrong", client=client.name, expected=seq, found=device.reads.get(key))
        if client is not first:  # the device on which it is written keeps its own text
            verdict.expect("draft_wrong", client=client.name, expected=draft, found=device.drafts.get(room.id))
    stage.story.gap()
    stage.story.line("marks_shared", seq=seq, draft=draft)


def _check(stage: Stage, verdict: Verdict, room: Room) -> None:
    delivery = delivery_of(room.history, room.id, room.names)
    delivery.judge(verdict)
    verdict.expect("sent_wrong", expected=MESSAGES, found=delivery.sent)
    stage.story.line("devices_check")
    for number, client in enumerate(stage.devices, start=1):
        stage.story.line("device_count", indent=1, number=number, count=posts_held(client, room.id))
    hashes = {client.device.transcript_hash(room.id) for client in stage.devices}
    if len(hashes) != 1:
        verdict.blame("hashes_differ", hashes=", ".join(sorted(text[:16] for text in hashes)))
