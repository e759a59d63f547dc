"""What devices see of the assistant: its events, the text as it grows, and the answers that stay."""

from typing import Any

from chat.proof.device import Device


def told(device: Device, conversation: int) -> list[dict[str, Any]]:
    """The `assistant` events of a conversation, in the order in which they came."""
    return [each for each in device.events if each["type"] == "assistant" and each["conversation"] == conversation]


def spoken(events: list[dict[str, Any]]) -> str:
    """The text of an answer as a client puts it together: pieces by offset, a higher attempt in place of a lower."""
    attempt, text = 0, ""
    for each in events:
        if each["state"] not in ("thinking", "streaming") or each["attempt"] < attempt:
            continue
        text = text if each["attempt"] == attempt else ""
        attempt = each["attempt"]
        if each["offset"] <= len(text):
            text = text[: each["offset"]] + each["text"]
    return text


def answers(device: Device, conversation: int) -> list[tuple[int | None, str]]:
    """(the seq that it answers, text) of what the assistant has said for good."""
    held = device.replica(conversation).messages.values()
    assistant = next(
        each["id"] for each in device.entries[conversation]["members"] if each["username"].startswith("assistant")
    )
    return [
        (each.get("reply_to"), each["text"]) for each in held if each["sender"]["id"] == assistant and "text" in each
    ]


def ended(conversation: int, count: int = 1) -> Any:
    states = ("done", "failed", "cancelled")
    return lambda device: len({each["turn"] for each in told(device, conversation) if each["state"] in states}) >= count
