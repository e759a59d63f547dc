"""The figures of a run as tables: a title, a head and rows of text."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from benchmarks.budgets import OUR_NAMES, OURS
from benchmarks.measuring import Figures
from benchmarks.systems.table import SYSTEMS

if TYPE_CHECKING:
    from benchmarks.results import Results

Row = tuple[str, ...]
Table = tuple[str, Row, list[Row]]


def tables_of(results: "Results") -> list[Table]:
    """Those that have rows."""
    made = [build(results) for build in TABLES]
    return [table for table in made if table[2]]


def _systems(results: "Results") -> Table:
    head = ("system", "what it is", "what it does not do", "versions")
    rows: list[Row] = [
        (name, SYSTEMS[name].does, SYSTEMS[name].lacks, ", ".join(f"{what} {number}" for what, number in found.items()))
        for name, found in results.versions.items()
    ]
    return "Systems", head, rows


def _verdicts(results: "Results") -> Table:
    rows: list[Row] = [
        (each.budget, each.measured, "met" if each.is_met else "**not met**") for each in results.verdicts()
    ]
    return "Budgets", ("budget", "measured", ""), rows


def _throughput(results: "Results") -> Table:
    figures = results.typical()
    found = {(each.system, each.workload): each for each in figures}
    head = (
        *("workload", "system", "messages/s", "deliveries/s", "distchat / it", "p50 ms", "p99 ms", "other node p50 ms"),
        *("other node p99 ms", "µs CPU a delivery", "its CPU / distchat's", "cores: nodes", "Redis", "SQL", "drivers"),
        *("MB, all nodes", "complete"),
    )
    rows: list[Row] = []
    for each in figures:
        ours = None if each.system in OUR_NAMES else found.get((OURS, each.workload))
        is_paced = not each.window
        rows.append(
            (
                each.workload,
                f"{each.system} (window {each.window})" if each.window else each.system,
                f"{each.messages_per_second:,.0f}",
                f"{each.deliveries_per_second:,.0f}",
                "" if ours is None or is_paced else _times(ours.deliveries_per_second, each.deliveries_per_second),
                *(_ms(value) for value in (each.p50_ms, each.p99_ms, each.remote_p50_ms, each.remote_p99_ms)),
                f"{each.cpu_us_per_delivery:.1f}",
                "" if ours is None else _times(each.cpu_us_per_delivery, ours.cpu_us_per_delivery),
                f"{each.node_cores:.2f}",
                f"{each.redis_cores:.2f}",
                f"{each.store_cores:.2f}" if each.store_cores else "",
                " + ".join(f"{cores:.2f}" for cores in each.driver_cores),
                f"{each.node_mb:.0f}",
                _completeness(each),
            )
        )
    return "Side by side", head, rows


def _completeness(each: Figures) -> str:
    faults = {name: getattr(each, name) for name in ("missing", "doubled", "late", "refused", "closed")}
    return ", ".join(f"{count:,} {name}" for name, count in faults.items() if count) or "yes"


def _recoveries(results: "Results") -> Table:
    head = (
        "fault",
        "system",
        "devices back",
        "half of them after s",
        "all after s",
        "messages",
        "lost",
        "doubled",
        "late",
    )
    said = {"kill": "node killed", "cut": "connections cut"}
    rows: list[Row] = [
        (
            said[each.how],
            each.system,
            f"{each.back} of {each.devices}",
            *(f"{each.p50_seconds:.2f}", f"{each.last_seconds:.2f}", str(each.sent)),
            *(f"{each.lost:,}", f"{each.doubled:,}", f"{each.late:,}"),
        )
        for each in results.recoveries
    ]
    return "Coming back (lost, doubled and late: over all devices that were cut off)", head, rows


def _storms(results: "Results") -> Table:
    head = ("system", "connections at once", "failed", "p50 s", "p99 s", "all after s", "ms CPU each")
    rows: list[Row] = [
        (
            *(each.system, str(each.connections), str(each.failed)),
            *(f"{value:.2f}" for value in (each.p50_seconds, each.p99_seconds, each.all_seconds, each.cpu_ms)),
        )
        for each in results.storms
    ]
    return "Storm of connections", head, rows


def _idle(results: "Results") -> Table:
    head = ("system", "connections", "empty node, MB", "KB a connection, nodes", "KB a connection, Redis")
    rows: list[Row] = [
        (
            *(each.system, str(each.connections), f"{each.empty_node_kb / 1e3:.0f}"),
            *(f"{each.kb_per_connection:.1f}", f"{each.redis_kb_per_connection:.1f}"),
        )
        for each in results.idle
    ]
    return "Idle connections", head, rows


def _history(results: "Results") -> Table:
    lengths = results.histories[0].lengths if results.histories else ()
    rows: list[Row] = [
        (each.system, each.act, *(f"{value:.2f}" for value in each.medians_ms), f"{each.ratio:.2f}", str(each.times))
        for each in results.histories
    ]
    if rows:
        rows += [_no_history(name, len(lengths)) for name in results.versions if name not in OUR_NAMES]
    return "Length of the conversation (medians)", ("system", "act", *_as_heads(lengths), "ratio", "times"), rows


def _as_heads(lengths: tuple[int, ...]) -> list[str]:
    return [f"{length:,} messages, ms" for length in lengths]


def _no_history(name: str, columns: int) -> Row:
    return (name, f"keeps: {SYSTEMS[name].history}", *("" for _ in range(columns)), "", "")


def _checkpoints(results: "Results") -> Table:
    head = ("design", "step at the beginning, ms", "step at the end, ms", "steps", "Redis MB", "keys")
    rows: list[Row] = [
        (
            each.design,
            f"{each.few_ms:.2f}",
            f"{each.many_ms:.2f}",
            f"{each.steps:,}",
            f"{each.redis_mb:.1f}",
            str(each.redis_keys),
        )
        for each in results.checkpoints
    ]
    return "One session, message by message", head, rows


def _turns(results: "Results") -> Table:
    head = ("a conversation without an assistant, 60 devices at 50/s", "p50 ms", "p99 ms")
    if results.turns is None:
        return "Turns", head, []
    cost, _ = results.turns
    rows: list[Row] = [
        ("alone", _ms(cost.alone_p50_ms), _ms(cost.alone_p99_ms)),
        (f"beside {cost.at_once} turns at once", _ms(cost.beside_p50_ms), _ms(cost.beside_p99_ms)),
    ]
    return "Turns of the assistant elsewhere", head, rows


def _turns_kept(results: "Results") -> Table:
    head = ("turns", "keys in Redis", "KB in Redis")
    if results.turns is None:
        return "Turns kept", head, []
    _, kept = results.turns
    rows: list[Row] = [
        (f"{kept.few:,}", str(kept.few_keys), f"{kept.few_bytes / 1e3:.0f}"),
        (f"{kept.many:,}", str(kept.many_keys), f"{kept.many_bytes / 1e3:.0f}"),
    ]
    return "What turns leave in Redis", head, rows


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def _times(one: float, other: float) -> str:
    return f"{one / other:.2f} x" if other else ""


TABLES: tuple[Callable[["Results"], Table], ...] = (
    _verdicts,
    _throughput,
    _recoveries,
    _storms,
    _idle,
    _history,
    _checkpoints,
    _turns,
    _turns_kept,
    _systems,
)
