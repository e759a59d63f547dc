"""One measurement: a system starts clean, devices connect, talk and listen, and what it gave and took is added up."""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.driver.crew import Counted, Crew, Load
from benchmarks.driver.tally import percentile_ms
from benchmarks.processes import cpu_seconds, memory_bytes
from benchmarks.systems.system import System
from benchmarks.workloads import WINDOWS, Workload

SEARCH_SECONDS = 1.5
SEARCH_WARM_UP_SECONDS = 0.7
LATEST_MS = 2000.0
"""More than this between post and delivery (p99): the system falls behind, and more load would not help it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long is measured after how long a warm-up, and by how many driver processes."""

    seconds: float = 3.0
    warm_up_seconds: float = 1.2
    drivers: int = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """What one measurement found; times in ms unless they say otherwise. `remote_*`: to devices on another node.

    `missing` and `doubled` count deliveries: over all devices where they are sums, in order on the watched ones;
    `late` came after a later one of the same sender, on the watched ones. `node_mb` is all nodes together.
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
    store_cores: float
    driver_cores: list[float]
    node_mb: float
    sent: int
    acknowledged: int
    refused: int
    closed: int
    missing: int
    doubled: int
    late: int

    @property
    def is_complete(self) -> bool:
        return not (self.missing or self.doubled or self.late or self.refused or self.closed)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def measure(system_class: type[System], workload: Workload, pace: Pace) -> Figures:
    """On a clean start; of a saturating workload the best window is looked for first, on the same nodes."""
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as directory:
        async with (
            system_class(workload, Path(directory)) as system,
            Crew(system.seats(), processes=pace.drivers) as crew,
        ):
            await crew.connect()
            window = await best_window(crew) if workload.searched else workload.window
            return await _drive(system, crew, workload.with_window(window), pace)


async def best_window(crew: Crew) -> int:
    """The one with most deliveries; no larger ones are tried once a system gains nothing or falls behind."""
    best, most = WINDOWS[0], 0.0
    for window in WINDOWS:
        found = await crew.run(Load(window), warm_up_seconds=SEARCH_WARM_UP_SECONDS, seconds=SEARCH_SECONDS)
        totals = await crew.settled()
        if found.delivered / found.seconds > most:
            best, most = window, found.delivered / found.seconds
        p99 = percentile_ms(found.local + found.remote, 0.99) or 0.0
        if window != best or totals["delivered"] != totals["expected"] or p99 > LATEST_MS:
            break
    return best


async def _drive(system: System, crew: Crew, workload: Workload, pace: Pace) -> Figures:
    bill = Bill(system)
    counted = await bill.watch(crew, Load(workload.window, workload.rate_per_sender), pace)
    return _figures(system, workload, counted, await crew.settled(), bill)


class Bill:
    """CPU of nodes, Redis and database in the counted time, and the nodes' memory at its end."""

    def __init__(self, system: System) -> None:
        self._system = system
        self.node_seconds = self.redis_seconds = self.store_seconds = 0.0
        self.node_bytes = 0

    async def watch(self, crew: Crew, load: Load, pace: Pace) -> Counted:
        before: list[float] = []

        def begin() -> None:
            before.extend(self._spent())

        counted = await crew.run(load, warm_up_seconds=pace.warm_up_seconds, seconds=pace.seconds, on_count=begin)
        taken = [now - then for now, then in zip(self._spent(), before, strict=True)]
        self.node_seconds, self.redis_seconds, self.store_seconds = taken
        self.node_bytes = sum(map(memory_bytes, self._system.node_pids()))
        return counted

    @property
    def seconds(self) -> float:
        return self.node_seconds + self.redis_seconds + self.store_seconds

    def _spent(self) -> tuple[float, float, float]:
        system = self._system
        groups = (system.node_pids(), [system.redis.pid], system.store_pids())
        nodes, redis, store = (sum(map(cpu_seconds, pids)) for pids in groups)
        return nodes, redis, store


def _figures(system: System, workload: Workload, counted: Counted, totals: dict[str, int], bill: Bill) -> Figures:
    everything = counted.local + counted.remote
    delivered = max(1, counted.delivered)
    unheard = totals["expected"] - totals["delivered"]
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
        cpu_us_per_delivery=bill.seconds / delivered * 1e6,
        node_cpu_us_per_delivery=bill.node_seconds / delivered * 1e6,
        node_cores=bill.node_seconds / counted.seconds,
        redis_cores=bill.redis_seconds / counted.seconds,
        store_cores=bill.store_seconds / counted.seconds,
        driver_cores=[round(cores, 2) for cores in counted.driver_cpu],
        node_mb=bill.node_bytes / 1e6,
        sent=totals["sent"],
        acknowledged=totals["acknowledged"],
        refused=totals["refused"],
        closed=totals["closed"],
        missing=max(unheard, 0, totals["missing"]),
        doubled=max(-unheard, 0, totals["doubled"]),
        late=totals["late"],
    )
