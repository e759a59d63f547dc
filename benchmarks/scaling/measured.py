"""What was measured, simulated: the workloads of a result file beside the same ones in the model."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.scaling.model import Site
from benchmarks.scaling.setup import Outcome, Setup
from benchmarks.workloads import NODES, WORKLOADS, Workload
from chat.session.folder import STEP_SECONDS

RESULTS = Path(__file__).parents[1] / "results" / "2026-11-21-014813.json"
"""Taken while the machine did nothing else; the nodes of that day had Python's own switch interval, 5 ms."""
SWITCH_SECONDS = 0.005
FITTED = "300 saturated"
"""The workload from whose CPU `dispatch` is taken; nothing else in the model is fitted to a result."""
DISPATCH_SOURCE = (
    f"{RESULTS.name}: CPU of a message of `{FITTED}` that the other constants leave; Daphne, autobahn, Channels"
)
IDLE = RESULTS.with_name("2026-11-21-175642.json")
NO_TIMES = {"cold", "cold_after", "statements", "change_bytes", "fold_commands"}
SATURATED_SECONDS, STEADY_SECONDS = 2.0, 20.0


@dataclass(frozen=True, slots=True)
class Comparison:
    workload: str
    figure: str
    measured: float
    simulated: float

    @property
    def ratio(self) -> float:
        return self.simulated / self.measured


def machine(file: Path = RESULTS) -> int:
    """Cores that nodes, Redis and the drivers shared."""
    return int(json.loads(file.read_text())["machine"]["cores"])


def figures(system: str = "distchat", file: Path = RESULTS) -> dict[str, dict[str, Any]]:
    """What the file says of a system, by the workload's name."""
    rows = json.loads(file.read_text())["figures"]
    return {row["workload"]: row for row in rows if row["system"] == system}


def instrument_ms(workload: str) -> float:
    """What the drivers and the kernel add to each latency: the seeds' design needs it, too, and hardly anything else.

    Its own part is its CPU, once for the node that publishes and half for the one that delivers.
    """
    row = figures("seeds").get(workload)
    if row is None or row["window"]:
        return 0.0
    own_ms = row["node_cores"] / row["messages_per_second"] / NODES * 1e3
    return max(0.0, float(row["p50_ms"]) - 1.5 * own_ms)


def setup_of(workload: Workload) -> Setup:
    """The same devices on the same nodes. Whoever posts is folded every STEP_SECONDS."""
    seats: list[dict[int, int]] = [{} for _ in workload.sizes]
    senders = []
    for device in range(workload.devices):
        room, node = workload.room_of(device), workload.node_of(device)
        seats[room][node] = seats[room].get(node, 0) + 1
        if workload.is_sender(device):
            senders.append((room, node))
    folds = min(workload.senders / STEP_SECONDS / NODES, 1e3)
    return Setup(seats, senders, NODES, workload.window, workload.rate_per_sender, folds, switch_seconds=SWITCH_SECONDS)


def simulate(row: Mapping[str, Any], constants: Mapping[str, float], *, batching: bool = True) -> Outcome:
    """Where nodes, drivers and Redis want more cores than the machine has, each gets its share of them."""
    (workload,) = [each for each in WORKLOADS if each.name == row["workload"]]
    window = row["window"]
    setup = replace(setup_of(workload.with_window(window)), batching=batching)
    seconds = SATURATED_SECONDS if window else STEADY_SECONDS
    found = Site(setup, constants).run(seconds)
    wanted = min(found.node_cores, NODES) + sum(row["driver_cores"]) + row["redis_cores"]
    if wanted <= machine():
        return found
    stretch = wanted / machine()
    found = Site(setup, stretched(constants, stretch)).run(seconds)
    found.node_cores /= stretch
    return found


def stretched(constants: Mapping[str, float], times: float) -> dict[str, float]:
    """The same work on a share of a core."""
    return {name: value * (1.0 if name in NO_TIMES else times) for name, value in constants.items()}


def compare(constants: Mapping[str, float], *, batching: bool = True) -> list[Comparison]:
    return [
        each
        for name, row in figures().items()
        for each in _compared(name, row, simulate(row, constants, batching=batching))
    ]


def _compared(name: str, row: Mapping[str, Any], found: Outcome) -> list[Comparison]:
    added = instrument_ms(name)
    latencies = [
        Comparison(name, "p50, ms", row["p50_ms"], found.percentile_ms(0.5) + added),
        Comparison(name, "p99, ms", row["p99_ms"], found.percentile_ms(0.99) + added),
    ]
    cores = Comparison(name, "cores of the nodes", row["node_cores"], found.node_cores)
    if not row["window"]:
        return [*latencies, cores]
    rate = Comparison(name, "deliveries/s", row["deliveries_per_second"], found.deliveries_per_second)
    return [rate, *latencies, cores]


def dispatch_us(constants: Mapping[str, float]) -> float:
    """What Daphne, autobahn and Channels take for one frame that comes in: what is left of the CPU of a message."""
    row = figures()[FITTED]
    found = simulate(row, {**constants, "dispatch": 0.0})
    return (row["node_cores"] / row["messages_per_second"] - found.node_cores * found.seconds / found.posts) * 1e6


def idle(file: Path = IDLE) -> dict[str, float]:
    """Memory in KB of an empty node, and of each connection that only listens."""
    (row,) = [row for row in json.loads(file.read_text())["idle"] if row["system"] == "distchat"]
    return {name: float(row[name]) for name in ("empty_node_kb", "kb_per_connection")}
