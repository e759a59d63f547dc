"""What clients do in more than one scenario, and how its outcome is shown."""

from typing import Any

from chat.demo.judging import Delivery
from chat.demo.stage import Client, Stage
from chat.demo.verdict import Verdict
from chat.proof.device import Device
from chat.proof.outbox import Lost, Refused


async def post(verdict: Verdict, client: Client, conversation: int, text: str, *, client_id: str = "") -> int:
    """Post and wait for the acknowledgement: its seq, or 0 with a finding."""
    try:
        return int((await client.device.post(conversation, text, client_id=client_id))["seq"])
    except (Refused, Lost, TimeoutError) as failure:
        verdict.blame("post_failed", client=client.name, error=f"{type(failure).__name__} {failure}".strip())
        return 0


def shows(device: Device, conversation: int, client_id: str) -> bool:
    """Whether the device holds the message of this post."""
    return any(message.get("client_id") == client_id for message in device.replica(conversation).messages.values())


def posts_held(client: Client, conversation: int) -> int:
    """How many messages of people the device holds; system messages do not count."""
    messages = client.device.replica(conversation).messages.values()
    return sum(message.get("kind", "text") == "text" for message in messages)


def tell_flaws(stage: Stage, delivery: Delivery) -> None:
    """The three numbers that have to be 0."""
    flaws: dict[str, Any] = {key: getattr(delivery, key) for key in ("lost", "doubled", "reordered")}
    stage.story.line("flaws", indent=1, **flaws)
