"""Whatever a client says gets a documented error or close code, never 1011, and nothing of it is in a log."""

import asyncio
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import HealthCheck, given, settings

from chat.drills.made_up import FRAMES, TERRIBLE
from chat.proof.device import Device, Lost
from chat.proof.raw import knock
from chat.proof.stage import Stage, eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOCUMENTED = {4400, 4429}


async def answer_to(device: Device, frame: bytes | str, ref: int | None = None) -> dict[str, Any]:
    """The error that a frame gets."""
    device.events.clear()
    await device.send_raw(frame)
    await eventually(lambda: [each for each in device.events if each.get("type") == "error"], what=repr(frame[:80]))
    return next(each for each in device.events if each["type"] == "error")


U = str(uuid4())


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ({}, "bad_command"),
        ({"type": 5}, "bad_command"),
        ({"type": "dance"}, "bad_command"),
        ({"type": "websocket.disconnect"}, "bad_command"),
        ({"type": "ping", "extra": 1}, "bad_command"),
        ({"type": "post", "conversation": "1", "client_id": U, "text": "x"}, "bad_command"),
        ({"type": "post", "conversation": True, "client_id": U, "text": "x"}, "bad_command"),
        ({"type": "post", "conversation": 1, "client_id": "not a uuid", "text": "x"}, "bad_command"),
        ({"type": "post", "conversation": 1, "client_id": U, "text": " \n "}, "bad_command"),
        ({"type": "post", "conversation": 1, "client_id": U, "text": "x\u0000y"}, "bad_command"),
        ({"type": "post", "conversation": 1, "client_id": U, "text": "x" * 8001}, "too_long"),
        ({"type": "post", "conversation": 1, "client_id": U, "text": "x", "attachments": [{}]}, "unsupported"),
        ({"type": "post", "conversation": 2**53 - 1, "client_id": U, "text": "x"}, "not_found"),
        ({"type": "post", "conversation": 2**53, "client_id": U, "text": "x"}, "bad_command"),
        ({"type": "react", "conversation": 1, "seq": 1, "emoji": "not an emoji", "on": True}, "bad_command"),
        ({"type": "history", "conversation": 1, "limit": 0}, "bad_command"),
        ({"type": "history", "conversation": 1, "before": 5, "around": 5}, "bad_command"),
        ({"type": "create", "kind": "group", "members": ["bob"]}, "bad_command"),
        ({"type": "create", "kind": "group", "title": "x", "members": []}, "bad_command"),
        ({"type": "create", "kind": "group", "title": "x", "members": ["b"] * 201}, "limit"),
        ({"type": "ack", "cursors": {"seven": 1}}, "bad_command"),
        ({"type": "hello", "device": U}, "bad_command"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_a_bad_command_is_refused_by_itself(stage: Stage, command: dict[str, Any], code: str):
    (ann,) = stage.people("ann")
    device = await stage.arrive(ann)

    error = await answer_to(device, orjson.dumps({**command, "ref": 4711}))

    assert (error["code"], error["ref"]) == (code, 4711)
    assert (await device.ping())["type"] == "pong"
    assert device.is_connected


async def test_a_bad_command_harms_none_of_its_neighbours(stage: Stage):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    device = await stage.arrive(ann)
    good = {"type": "post", "conversation": group, "text": "good", "client_id": str(uuid4())}

    error = await answer_to(device, orjson.dumps([5, {"type": "dance", "ref": 900}, good, None]))
    await device.wait_for(lambda device: device.cursor(group) == 2)
    await device.ping()

    errors = [(each["code"], each.get("ref")) for each in device.events if each["type"] == "error"]
    assert errors == [("bad_command", None), ("bad_command", 900), ("bad_command", None)]
    assert error["retryable"] is False


@pytest.mark.parametrize(
    "frame",
    TERRIBLE,
    ids=lambda frame: f"{frame[:12]} of {len(frame)}",
)
async def test_a_frame_that_is_none_is_answered_and_closed_with_4400(stage: Stage, frame: str):
    (ann,) = stage.people("ann")
    device = await stage.arrive(ann)

    await device.send_raw(frame)
    await device.wait_for(lambda device: not device.is_connected)

    said = [(each["type"], each.get("code") or each.get("reason")) for each in device.events]
    assert said == [("error", "bad_frame"), ("bye", "broken_protocol")]
    assert device.close_code == 4400


@pytest.mark.parametrize("size", [0, 10, 1000])
async def test_a_binary_frame_is_closed_with_4400(stage: Stage, size: int):
    (ann,) = stage.people("ann")
    device = await stage.arrive(ann)

    await device.send_raw(b"\x00" * size, is_text=False)
    await device.wait_for(lambda device: not device.is_connected)

    assert device.close_code == 4400


async def test_frames_beyond_all_measure_or_encoding_are_closed_by_the_websocket(stage: Stage):
    (ann,) = stage.people("ann")
    too_large, not_utf8 = await stage.arrive(ann), await stage.arrive(ann)

    for device, frame in ((too_large, b"x" * 300_000), (not_utf8, b"\xff\xfe\xfd")):
        try:
            await device.send_raw(frame)
        except Lost:
            pass
        await device.wait_for(lambda device: not device.is_connected)

    # 1007 and 1009 (RFC 6455, 7.4.1), or nothing where the socket was cut before that could be said
    assert not_utf8.close_code in {1007, 1006}
    assert too_large.close_code in {1009, 1006}
    assert (await (await stage.arrive(ann)).ping())["type"] == "pong"


async def test_commands_before_hello_are_asked_to_wait(stage: Stage):
    (ann,) = stage.people("ann")

    assert await knock(stage.url(1), Cookie=ann.cookies) == (0, [])  # it says ping, and hears not_ready


_probe: dict[str, Device] = {}


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(frame=FRAMES)
async def test_no_frame_that_can_be_made_up_breaks_anything(stage: Stage, frame: str):
    device = _probe.get("device")
    if device is None or device not in stage.devices:
        device = _probe["device"] = stage.device(*stage.people("mallory"))
    if not device.is_connected:
        await device.connect(stage.url(2))

    try:
        await device.send_raw(frame)
        await device.ping(timeout_seconds=10)
    except Lost:
        assert device.close_code in DOCUMENTED
        assert device.close_code != 4429 or device.bye["reconnect_after_ms"] > 0


async def test_a_flood_of_bad_commands_is_cut_off_and_nobody_else_feels_it(stage: Stage):
    mallory, ann = stage.people("mallory", "ann")
    flooding, calm = await stage.arrive(mallory, 1), await stage.arrive(ann, 1)

    async def flood() -> None:
        try:
            for _ in range(2000):
                await flooding.send_raw('{"type":"dance"}')
        except Lost:
            pass

    task = asyncio.ensure_future(flood())
    assert (await calm.ping(timeout_seconds=5))["type"] == "pong"
    await flooding.wait_for(lambda device: not device.is_connected)
    await task

    assert flooding.close_code == 4429
    assert (flooding.bye["reason"], flooding.bye["reconnect_after_ms"] > 0) == ("flooding", True)
    await flooding.connect(stage.url(2))
