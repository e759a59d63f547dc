"""What devices see of the assistant: its events, the text as it grows, and the answers that stay."""

from typing import Any

from chat.proof.device import Device


def told(device: Device, conversation: int) -> list[dict[str, Any]]:
    """The `assistant` events of a conversation, in the order in which they came."""
    return [each for each in device.events if each["type"] == "assistant" and each["conversation"] == conversation]


def spoken(device: Device, conversation: int) -> str:
    """What the device shows of the answer that is being given."""
    return next((each.text for each in device.heard.values() if each.conversation == conversation), "")


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
    """Whether so many turns there have ended, as a device sees it."""
    return lambda device: (
        sum(each.has_ended and each.conversation == conversation for each in device.heard.values()) >= count
    )
