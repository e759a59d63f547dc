"""What was promised, beside what was measured: each budget with its number and whether it is met."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from benchmarks.checkpoint import CheckpointCost
from benchmarks.history import HistoryCost
from benchmarks.idle import IdleMemory
from benchmarks.measuring import Figures
from benchmarks.recovery import Recovery
from benchmarks.turns import TurnCost, TurnsKept

OURS = "distchat"
ON_POSTGRES = "distchat-postgres"
OUR_NAMES = (OURS, ON_POSTGRES)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A budget, what was measured for it, and whether that is enough."""

    budget: str
    measured: str
    is_met: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Ratio:
    """Deliveries per second of ours, divided by a peer's."""

    workload: str
    peer: str
    at_least: float


@dataclass(frozen=True, slots=True)
class Latency:
    """From post to a device of another node, in ms."""

    workload: str
    p50_ms: float | None
    p99_ms: float


RATIOS = (
    Ratio("300 saturated", "socketio", 3.0),
    Ratio("300 saturated", "nchan", 1.0),
    Ratio("60 saturated", "socketio", 2.0),
    Ratio("75 rooms of 4, 1 in flight", "socketio", 0.5),
    Ratio("75 rooms of 4, 8 in flight", "socketio", 1.5),
    Ratio("300 saturated", "seeds", 4.0),
    Ratio("300 saturated", "tutorial", 20.0),
    Ratio("75 rooms of 4, 1 in flight", "tutorial", 4.0),
    Ratio("75 rooms of 4, 8 in flight", "tutorial", 4.0),
)
LATENCIES = (Latency("60 at 50/s", 5.0, 15.0), Latency("60 at 500/s", None, 30.0))
HISTORY_RATIO = 1.2
CHECKPOINT_RATIO = 20.0
FLAT_RATIO = 1.2
BESIDE_TURNS_RATIO = 1.5
RECOVERY_SECONDS = 3.0

Found = Mapping[tuple[str, str], Figures]


def judge(
    figures: Iterable[Figures],
    idle: Sequence[IdleMemory] = (),
    histories: Sequence[HistoryCost] = (),
    checkpoints: Sequence[CheckpointCost] = (),
    turns: tuple[TurnCost, TurnsKept] | None = None,
    recoveries: Sequence[Recovery] = (),
) -> list[Verdict]:
    """Every budget for which something was measured in this run."""
    found = {(each.system, each.workload): each for each in figures}
    return [
        *(verdict for ours in OUR_NAMES for verdict in _of(ours, found)),
        *_memory({each.system: each for each in idle}),
        *(_recovery(each) for each in recoveries if each.system in OUR_NAMES and each.how == "kill"),
        *(_history(each) for each in histories),
        *_checkpoint(checkpoints),
        *(_turns(*turns) if turns else []),
    ]


def _of(ours: str, found: Found) -> list[Verdict]:
    verdicts = [*_ratios(ours, found), *_latencies(ours, found), *_completeness(ours, found)]
    return [_named(ours, verdict) for verdict in verdicts]


def _named(ours: str, verdict: Verdict) -> Verdict:
    return verdict if ours == OURS else replace(verdict, budget=f"on PostgreSQL: {verdict.budget}")


def _ratios(system: str, found: Found) -> list[Verdict]:
    verdicts = []
    for ratio in RATIOS:
        ours, theirs = found.get((system, ratio.workload)), found.get((ratio.peer, ratio.workload))
        if ours and theirs and theirs.deliveries_per_second:
            times = ours.deliveries_per_second / theirs.deliveries_per_second
            verdicts.append(
                Verdict(
                    f"{ratio.workload}: deliveries/s ≥ {ratio.at_least:g} x {ratio.peer}",
                    f"{times:.2f} x",
                    times >= ratio.at_least,
                )
            )
    return verdicts


def _latencies(system: str, found: Found) -> list[Verdict]:
    verdicts = []
    for budget in LATENCIES:
        ours = found.get((system, budget.workload))
        if ours is None or ours.remote_p50_ms is None or ours.remote_p99_ms is None:
            continue
        if budget.p50_ms is not None:
            verdicts.append(_at_most(f"{budget.workload}: p50 to another node", ours.remote_p50_ms, budget.p50_ms))
        verdicts.append(_at_most(f"{budget.workload}: p99 to another node", ours.remote_p99_ms, budget.p99_ms))
    return verdicts


def _at_most(what: str, measured_ms: float, budget_ms: float) -> Verdict:
    return Verdict(f"{what} ≤ {budget_ms:g} ms", f"{measured_ms:.1f} ms", measured_ms <= budget_ms)


def _completeness(system: str, found: Found) -> list[Verdict]:
    ours = [each for (name, _), each in found.items() if name == system]
    if not ours:
        return []
    missing = sum(each.missing + each.late for each in ours)
    doubled = sum(each.doubled for each in ours)
    unanswered = sum(each.sent - each.acknowledged for each in ours)
    return [
        Verdict(
            "every message acknowledged, and on every device once and in order",
            f"{missing} missing or late, {doubled} doubled, {unanswered} unanswered",
            not (missing or doubled or unanswered),
        )
    ]


def _memory(idle: Mapping[str, IdleMemory]) -> list[Verdict]:
    if OURS not in idle or "tutorial" not in idle:
        return []
    ours, theirs = idle[OURS].kb_per_connection, idle["tutorial"].kb_per_connection
    return [
        Verdict("memory per idle connection ≤ the tutorial's", f"{ours:.0f} KB against {theirs:.0f} KB", ours <= theirs)
    ]


def _recovery(found: Recovery) -> Verdict:
    is_whole = found.back == found.devices and not (found.lost or found.doubled)
    verdict = Verdict(
        f"a node with {found.devices} devices dies: all restored elsewhere ≤ {RECOVERY_SECONDS:g} s, 0 lost, 0 doubled",
        f"{found.back} in {found.last_seconds:.1f} s, {found.lost} lost, {found.doubled} doubled",
        is_whole and found.last_seconds <= RECOVERY_SECONDS,
    )
    return _named(found.system, verdict)


def _history(cost: HistoryCost) -> Verdict:
    verdict = Verdict(
        f"{cost.act} with {cost.lengths[-1]:,} messages ≤ {HISTORY_RATIO} x {cost.lengths[0]:,}",
        f"{cost.ratio:.2f} x ({cost.medians_ms[0]:.1f} → {cost.medians_ms[-1]:.1f} ms)",
        cost.ratio <= HISTORY_RATIO,
    )
    return _named(cost.system, verdict)


def _checkpoint(costs: Sequence[CheckpointCost]) -> list[Verdict]:
    if len(costs) < 2:
        return []
    ours, theirs = costs
    cheaper, growth = theirs.many_ms / ours.many_ms, ours.many_ms / ours.few_ms
    return [
        Verdict(f"checkpoint ≥ {CHECKPOINT_RATIO:g} x cheaper", f"{cheaper:.0f} x", cheaper >= CHECKPOINT_RATIO),
        Verdict("checkpoint cost flat over 1,000 messages", f"{growth:.2f} x", growth <= FLAT_RATIO),
    ]


def _turns(cost: TurnCost, kept: TurnsKept) -> list[Verdict]:
    few = f"{kept.few_keys} keys, {kept.few_bytes / 1e3:.0f} KB"
    many = f"{kept.many_keys} keys, {kept.many_bytes / 1e3:.0f} KB"
    return [
        Verdict(
            f"p99 elsewhere beside {cost.at_once} turns at once ≤ {BESIDE_TURNS_RATIO:g} x alone",
            f"{cost.ratio:.2f} x ({cost.alone_p99_ms:.1f} → {cost.beside_p99_ms:.1f} ms)",
            cost.ratio <= BESIDE_TURNS_RATIO,
        ),
        Verdict(
            f"what {kept.many:,} turns leave in Redis ≤ {FLAT_RATIO} x {kept.few:,}",
            f"{few} → {many}",
            kept.many_keys <= kept.few_keys and kept.many_bytes <= FLAT_RATIO * kept.few_bytes,
        ),
    ]
