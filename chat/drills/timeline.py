"""Latency over the time of a drill, in steps of a quarter of a second, with the faults marked."""

from collections import defaultdict
from dataclasses import dataclass, field

from chat.drills.measuring import deliveries
from chat.proof.history import History

STEP_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Step:
    """Deliveries of what was posted in one step: seconds until half, and until the last of them had come."""

    at: float
    half: float
    last: float
    count: int


@dataclass(slots=True)
class Timeline:
    """`steps` by time in seconds from the beginning; `marks` are (from, to, what) of each fault."""

    steps: list[Step] = field(default_factory=list)
    marks: list[tuple[float, float, str]] = field(default_factory=list)


def timeline_of(history: History, marks: list[tuple[float, float, str]]) -> Timeline:
    """`marks` are on the clock of the history."""
    times: dict[int, list[float]] = defaultdict(list)
    begun = min((line.at for line in history.lines if line.what == "post"), default=0.0)
    for sent, received in deliveries(history):
        times[int((sent - begun) / STEP_SECONDS)].append(received - sent)
    steps = [_step(number, sorted(each)) for number, each in sorted(times.items())]
    return Timeline(steps, [(start - begun, end - begun, what) for start, end, what in marks])


def _step(number: int, latencies: list[float]) -> Step:
    return Step(number * STEP_SECONDS, latencies[len(latencies) // 2], latencies[-1], len(latencies))
