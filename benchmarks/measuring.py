"""One measurement: a system starts clean, devices connect, talk and listen, and what it gave and took is added up."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.driver.crew import Counted, Crew
from benchmarks.driver.tally import percentile_ms
from benchmarks.processes import cpu_seconds, rss_bytes
from benchmarks.systems.system import NODES, System
from benchmarks.workloads import WINDOWS, Workload

SEARCH_SECONDS = 2.5
SEARCH_WARM_UP_SECONDS = 1.5
LATEST_MS = 2000.0
"""More than this between post and delivery (p99): the system falls behind, and more load would not help it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is measured after how long a warm-up, and by how many driver processes."""

    seconds: float = 10.0
    warm_up_seconds: float = 3.0
    drivers: int = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """What one measurement found; times in ms unless they say otherwise. `remote_*`: to devices on another node.

    `missing` and `doubled` count deliveries: over all devices where they are sums, in order on the watched ones.
    """

    system: str
    workload: str
    window: int
    messages_per_second: float
    deliveries_per_second: float
    p50_ms: float | None
    p99_ms: float | None
    remote_p50_ms: float | None
    remote_p99_ms: float | None
    cpu_us_per_delivery: float
    node_cpu_us_per_delivery: float
    node_cores: float
    redis_cores: float
    driver_cores: list[float]
    node_mb: float
    sent: int
    acknowledged: int
    refused: int
    closed: int
    missing: int
    doubled: int

    @property
    def is_complete(self) -> bool:
        return not (self.missing or self.doubled or self.refused or self.closed)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def measure(system_class: type[System], workload: Workload, pace: Pace) -> Figures:
    """Of a saturating workload the best window is looked for first, each on a clean start."""
    if not workload.searched:
        return await _measure(system_class, workload, pace)
    return await _measure(system_class, workload.with_window(await best_window(system_class, workload, pace)), pace)


async def best_window(system_class: type[System], workload: Workload, pace: Pace) -> int:
    """The one with most deliveries; no larger ones are tried once a system gains nothing or falls behind."""
    brief = Pace(SEARCH_SECONDS, SEARCH_WARM_UP_SECONDS, pace.drivers)
    best, most = WINDOWS[0], 0.0
    for window in WINDOWS:
        found = await _measure(system_class, workload.with_window(window), brief)
        if found.deliveries_per_second > most:
            best, most = window, found.deliveries_per_second
        if window != best or not found.is_complete or (found.p99_ms or 0.0) > LATEST_MS:
            break
    return best


async def _measure(system_class: type[System], workload: Workload, pace: Pace) -> Figures:
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as directory:
        async with system_class(workload, Path(directory)) as system:
            return await _drive(system, workload, pace)


async def _drive(system: System, workload: Workload, pace: Pace) -> Figures:
    rate = workload.rate / workload.senders if workload.senders else 0.0
    crew = Crew(system.seats(), nodes=NODES, window=workload.window, rate_per_sender=rate, processes=pace.drivers)
    async with crew:
        await crew.connect()
        bill = Bill(system)
        counted = await bill.watch(crew, pace)
        totals = await crew.settled(workload.room_size)
    return _figures(system, workload, counted, totals, bill)


class Bill:
    """CPU of nodes and Redis in the counted time, and the nodes' memory at its end."""

    def __init__(self, system: System) -> None:
        self._nodes = system.node_pids()
        self._redis = system.redis.pid
        self.node_seconds = self.redis_seconds = 0.0
        self.node_bytes = 0

    async def watch(self, crew: Crew, pace: Pace) -> Counted:
        before: list[float] = []

        def begin() -> None:
            before.extend(self._spent())

        counted = await crew.run(warm_up_seconds=pace.warm_up_seconds, seconds=pace.seconds, on_count=begin)
        after = self._spent()
        self.node_seconds, self.redis_seconds = after[0] - before[0], after[1] - before[1]
        self.node_bytes = max(rss_bytes(pid) for pid in self._nodes)
        return counted

    def _spent(self) -> tuple[float, float]:
        return sum(map(cpu_seconds, self._nodes)), cpu_seconds(self._redis)


def _figures(system: System, workload: Workload, counted: Counted, totals: dict[str, int], bill: Bill) -> Figures:
    everything = counted.local + counted.remote
    delivered = max(1, counted.delivered)
    unheard = totals["sent"] * workload.room_size - totals["delivered"]
    return Figures(
        system=system.name,
        workload=workload.name,
        window=workload.window,
        messages_per_second=counted.sent / counted.seconds,
        deliveries_per_second=counted.delivered / counted.seconds,
        p50_ms=percentile_ms(everything, 0.5),
        p99_ms=percentile_ms(everything, 0.99),
        remote_p50_ms=percentile_ms(counted.remote, 0.5),
        remote_p99_ms=percentile_ms(counted.remote, 0.99),
        cpu_us_per_delivery=(bill.node_seconds + bill.redis_seconds) / delivered * 1e6,
        node_cpu_us_per_delivery=bill.node_seconds / delivered * 1e6,
        node_cores=bill.node_seconds / counted.seconds,
        redis_cores=bill.redis_seconds / counted.seconds,
        driver_cores=[round(cores, 2) for cores in counted.driver_cpu],
        node_mb=bill.node_bytes / 1e6,
        sent=totals["sent"],
        acknowledged=totals["acknowledged"],
        refused=totals["refused"],
        closed=totals["closed"],
        missing=max(unheard, 0, totals["missing"]),
        doubled=max(-unheard, 0, totals["doubled"]),
    )
