"""What is said in the conversations that the browser shows: a long mixed history, and a burst."""

import asyncio
from typing import Any

from chat.proof.device import Device

AT_ONCE = 50
KINDS = (
    "Message {n}, a short one.",
    "Message {n}: the five boxing wizards jump quickly and pack my box with five dozen liquor jugs, as people do.",
    "Message {n} with **bold**, _italic_, `code` and a link to https://example.org/{n}",
    "Message {n}, hello @user0, have you seen this?",
    "Message {n}\n\n* one\n* two\n* three",
    "Message {n}\n\n```python\ndef answer() -> int:\n    return {n}\n```",
    "Message {n} has two paragraphs.\n\nThis is the second one, which goes on so that it needs another line.",
    "Message {n} 👍",
    "| message | number |\n| --- | --- |\n| this | {n} |",
    "Message {n}. " + "A long text, of the kind that is folded. " * 30,
)
REPLY_EVERY = 7
REACTION_EVERY = 9


async def fill(devices: list[Device], conversation: int, messages: int) -> None:
    """Mixed messages of all devices in turn; some are answers, some have reactions."""
    posted: list[int] = []
    for start in range(0, messages, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, messages))
        earlier = posted[-1] if posted else None
        posted += await asyncio.gather(*(_post(devices, conversation, number, earlier) for number in numbers))


async def _post(devices: list[Device], conversation: int, number: int, earlier: int | None) -> int:
    text = KINDS[number % len(KINDS)].format(n=number)
    reply_to = earlier if number % REPLY_EVERY == 0 else None
    answer = await devices[(number // 3) % len(devices)].post(conversation, text, reply_to=reply_to)
    if number % REACTION_EVERY == 0:
        await devices[number % len(devices)].react(conversation, answer["seq"], "👍")
    return int(answer["seq"])


async def burst(devices: list[Device], conversation: int, *, per_second: int, seconds: float) -> float:
    """Post at an even pace, all devices together; returns how many were written per second."""
    clock = asyncio.get_running_loop()
    began = clock.time()
    written = await asyncio.gather(
        *(_speak(each, conversation, per_second / len(devices), seconds) for each in devices)
    )
    took = clock.time() - began
    await asyncio.gather(*(post for posts in written for post in posts))
    return sum(map(len, written)) / took


async def _speak(device: Device, conversation: int, per_second: float, seconds: float) -> list[asyncio.Task[Any]]:
    clock = asyncio.get_running_loop()
    began = clock.time()
    posts = []
    for number in range(int(per_second * seconds)):
        await asyncio.sleep(max(0.0, began + number / per_second - clock.time()))
        posts.append(asyncio.create_task(device.post(conversation, f"{device.name} says {number}")))
    return posts
