"""Judges from the history alone what was sent, delivered, lost, doubled and reordered, and how long it took; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from chat.demo.verdict import Verdict
from chat.proof.history import History, Line
from chat.proof.percentile import percentile

SHOWN_DEVICES = 3


@dataclass(frozen=True, slots=True)
class Delivery:
    """Counts over all devices; `latencies` (seconds, sorted) are from the first send to another device's receipt."""

    sent: int
    delivered: int
    received_from_others: int
    lost: int
    doubled: int
    reordered: int
    strange: int
    latencies: Sequence[float]
    lost_by_device: Mapping[str, int]

    def numbers(self) -> dict[str, Any]:
        """For the JSON file; times in milliseconds."""
        return {
            "sent": self.sent,
            "delivered": self.delivered,
            "received_from_others": self.received_from_others,
            "lost": self.lost,
            "doubled": self.doubled,
            "reordered": self.reordered,
            "p50_ms": _milliseconds(percentile(self.latencies or [0.0], 0.50)),
            "p99_ms": _milliseconds(percentile(self.latencies or [0.0], 0.99)),
        }

    def judge(self, verdict: Verdict) -> None:
        """Put the numbers into the verdict, and whatever is not exactly right into its findings."""
        verdict.numbers.update(self.numbers())
        if self.lost:
            worst = sorted(self.lost_by_device.items(), key=lambda pair: -pair[1])[:SHOWN_DEVICES]
            verdict.blame("lost", count=self.lost, devices=", ".join(f"{name} ({count})" for name, count in worst))
        for key in ("doubled", "reordered", "strange"):
            if count := getattr(self, key):
                verdict.blame(key, count=count)


def delivery_of(history: History, conversation: int, devices: Iterable[str]) -> Delivery:
    """How the acknowledged posts of a conversation reached these devices, each of which should have all of them."""
    sent, acknowledged = _posts(history, conversation)
    arrivals = _arrivals(history, conversation, devices)
    missing = {device: len(acknowledged - {line.act for line in lines}) for device, lines in arrivals.items()}
    firsts = {device: _first_of_each(lines) for device, lines in arrivals.items()}
    times = [
        line.at - sent[line.act].at
        for device, lines in firsts.items()
        for line in lines
        if line.act in sent and sent[line.act].device != device
    ]
    return Delivery(
        sent=len(acknowledged),
        delivered=sum(line.act in acknowledged for lines in firsts.values() for line in lines),
        received_from_others=len(times),
        lost=sum(missing.values()),
        doubled=sum(len(lines) - len(firsts[device]) for device, lines in arrivals.items()),
        reordered=sum(_inversions(lines) for lines in firsts.values()),
        strange=sum(line.act not in sent for lines in firsts.values() for line in lines),
        latencies=sorted(times),
        lost_by_device={device: count for device, count in missing.items() if count},
    )


def posts_received(history: History, device: str, conversation: int, *, since: int = 0) -> list[Line]:
    """Posts that a device was shown, in the order of arrival, from line number `since` on."""
    return [line for line in history.lines[since:] if line.device == device and _is_post_received(line, conversation)]


def _posts(history: History, conversation: int) -> tuple[dict[str, Line], set[str]]:
    """The first send of every post, and the names of those that were acknowledged."""
    sent: dict[str, Line] = {}
    acknowledged = set()
    for line in history.lines:
        if line.what == "post" and line.conversation == conversation:
            sent.setdefault(line.act, line)
        elif line.what == "ok" and line.act in sent:
            acknowledged.add(line.act)
    return sent, acknowledged


def _arrivals(history: History, conversation: int, devices: Iterable[str]) -> dict[str, list[Line]]:
    """Posts as they came to each device."""
    found: dict[str, list[Line]] = {device: [] for device in devices}
    for line in history.lines:
        if line.device in found and _is_post_received(line, conversation):
            found[line.device].append(line)
    return found


def _is_post_received(line: Line, conversation: int) -> bool:
    """System messages are received too; what they show is the JSON of their data."""
    return line.what == "received" and line.conversation == conversation and not line.text.startswith('{"action"')


def _first_of_each(lines: Iterable[Line]) -> list[Line]:
    firsts: dict[str, Line] = {}
    for line in lines:
        firsts.setdefault(line.act, line)
    return list(firsts.values())


def _inversions(lines: Sequence[Line]) -> int:
    return sum(later.seq < earlier.seq for earlier, later in pairwise(lines))


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
