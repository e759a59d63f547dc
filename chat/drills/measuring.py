"""What a history says in numbers: how long deliveries and answers took, and how soon devices were back; pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from chat.proof.history import History, Line
from chat.proof.percentile import percentile


def deliveries(history: History) -> Iterator[tuple[float, float]]:
    """(first sent, received) of every post on every device but the sender's, the first time that it came there."""
    sent = _first_sends(history)
    seen: set[tuple[str, str]] = set()
    for line in history.lines:
        if line.what == "received" and line.act in sent and (line.device, line.act) not in seen:
            seen.add((line.device, line.act))
            if sent[line.act].device != line.device:
                yield sent[line.act].at, line.at


def delivery_seconds(history: History, since: float, until: float) -> list[float]:
    """How long each delivery took of what was posted in this time."""
    return [received - sent for sent, received in deliveries(history) if since <= sent <= until]


def live_delivery_seconds(history: History, since: float, until: float) -> list[float]:
    """The same without what a device was told when it came back, which took as long as it was away."""
    sent = _first_sends(history)
    return [
        line.at - sent[line.act].at
        for line in history.lines
        if line.what == "received"
        and line.via == "live"
        and line.act in sent
        and since <= sent[line.act].at <= until
        and sent[line.act].device != line.device
    ]


def answer_seconds(history: History, since: float, until: float) -> list[float]:
    """From the first send of each post in this time to its acknowledgement."""
    sent = _first_sends(history)
    answered: dict[str, float] = {}
    for line in history.lines:
        if line.what == "ok" and line.act in sent:
            answered.setdefault(line.act, line.at - sent[line.act].at)
    return [seconds for act, seconds in answered.items() if since <= sent[act].at <= until]


def ready_seconds(history: History, since: float, until: float = float("inf")) -> list[float]:
    """For each socket that closed in this time: from then until its device had caught up again (inf: never)."""
    found = []
    for device, lines in _by_device(history).items():
        for index, line in enumerate(lines):
            if device and line.what == "closed" and since <= line.at <= until:
                found.append(_caught_up_after(lines[index + 1 :]) - line.at)
    return found


def closes(history: History, since: float, until: float = float("inf")) -> list[tuple[str, int, str]]:
    """(device, close code, reason in `bye`) of every socket that closed in this time."""
    return [
        (line.device, line.seq, line.via)
        for line in history.lines
        if line.what in ("closed", "revoked") and since <= line.at <= until
    ]


def _first_sends(history: History) -> dict[str, Line]:
    sent: dict[str, Line] = {}
    for line in history.lines:
        if line.what == "post":
            sent.setdefault(line.act, line)
    return sent


def _by_device(history: History) -> dict[str, list[Line]]:
    lines: dict[str, list[Line]] = {}
    for line in history.lines:
        lines.setdefault(line.device, []).append(line)
    return lines


def _caught_up_after(lines: Sequence[Line]) -> float:
    """When everything that its next connection began to resume had caught up."""
    waiting: set[int] = set()
    is_back = False
    for line in lines:
        if line.what == "connected":
            is_back, waiting = True, set()
        elif line.what == "resume":
            waiting.add(line.conversation)
        elif line.what == "caught_up" and is_back:
            waiting.discard(line.conversation)
            if not waiting:
                return line.at
    return float("inf")


def shape_of(values: Sequence[float]) -> dict[str, Any]:
    """Count, median, 99th percentile and the largest, for a report."""
    return {"count": len(values), "p50": percentile(values, 0.5), "p99": percentile(values, 0.99), "max": max(values)}
