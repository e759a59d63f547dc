"""Several driver processes as one: they connect together, post together, and their sums are added up."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.driver.seat import Seat
from benchmarks.workloads import NODES

PROJECT = Path(__file__).resolve().parent.parent.parent
ANSWER_SECONDS = 90.0
LEAD_SECONDS = 0.3
SETTLE_SECONDS = 20.0
"""How long what was posted may take to arrive once nobody posts any more."""
QUIET_SECONDS = 1.5
LINE_BYTES = 1 << 26
CONNECT_TOGETHER = 20
"""Per driver, so that coming in is no storm."""
EVERYBODY = 1 << 20


@dataclass(frozen=True, slots=True)
class Load:
    """How much is said (see Workload), and when the connections of those who come back are cut; 0: never."""

    window: int = 0
    rate_per_sender: float = 0.0
    cut_after_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Counted:
    """What happened between two moments: sums over all devices, and latencies by bucket (see tally.BUCKET_NS)."""

    seconds: float
    sent: int
    delivered: int
    local: Counter[int]
    remote: Counter[int]
    driver_cpu: tuple[float, ...]


class Crew:
    """`processes` drivers that share the seats, so that each of them has devices on every node."""

    def __init__(self, seats: Sequence[Seat], *, nodes: int = NODES, processes: int = 2) -> None:
        self._plans = [
            {
                "nodes": nodes,
                "seats": [asdict(seat) for seat in seats if seat.index // nodes % processes == number],
            }
            for number in range(processes)
        ]
        self._processes: list[asyncio.subprocess.Process] = []

    async def __aenter__(self) -> Self:
        for plan in self._plans:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "benchmarks.driver.worker"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=PROJECT,
                limit=LINE_BYTES,
            )
            self._processes.append(process)
            await _tell(process, plan)
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._processes:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def connect(self) -> None:
        """Some at a time; raises ConnectionError when one of them does not come in."""
        _, failures = await self.storm(CONNECT_TOGETHER)
        if failures:
            raise ConnectionError(f"{len(failures)} devices could not connect: {failures[0]}")

    async def storm(self, together: int = EVERYBODY) -> tuple[list[float], list[str]]:
        """The seconds from opening the socket until ready of each that came in, and why the others did not."""
        answers = await self._ask({"do": "connect", "together": together})
        return [each for one in answers for each in one["seconds"]], [
            each for one in answers for each in one["failures"]
        ]

    async def run(
        self,
        load: Load,
        *,
        warm_up_seconds: float,
        seconds: float,
        on_count: Callable[[], None] = lambda: None,
    ) -> Counted:
        """Post for both times; what is counted is the second, and `on_count` is called when it begins."""
        starts_at = time.monotonic() + LEAD_SECONDS
        counts_at = starts_at + warm_up_seconds
        moments = {"starts_at": starts_at, "counts_at": counts_at, "ends_at": counts_at + seconds}
        cut_at = starts_at + load.cut_after_seconds if load.cut_after_seconds else 0.0
        speech = {"window": load.window, "rate_per_sender": load.rate_per_sender}
        order = {"do": "run", "cut_at": cut_at, **moments, **speech}
        loop = asyncio.get_running_loop()
        loop.call_later(counts_at - time.monotonic(), on_count)
        answers = await self._ask(order)
        return Counted(
            seconds=sum(each["seconds"] for each in answers) / len(answers),
            sent=sum(each["sent"] for each in answers),
            delivered=sum(each["delivered"] for each in answers),
            local=_added(each["local"] for each in answers),
            remote=_added(each["remote"] for each in answers),
            driver_cpu=tuple(each["cpu"] / each["seconds"] for each in answers),
        )

    async def totals(self) -> Counter[str]:
        """Sums since the start."""
        total: Counter[str] = Counter()
        for each in await self._ask({"do": "totals"}):
            total.update(each)
        return total

    async def settled(self) -> Counter[str]:
        """The totals once everything has arrived, or nothing has for a while."""
        deadline = time.monotonic() + SETTLE_SECONDS
        before, moved_at = await self.totals(), time.monotonic()
        while before["delivered"] < before["expected"] and time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            now = await self.totals()
            if now["delivered"] != before["delivered"]:
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > QUIET_SECONDS:
                break
            before = now
        await asyncio.sleep(0.1)  # what came twice comes now
        return await self.totals()

    async def returns(self) -> list[dict[str, Any]]:
        """What became of each device that comes back (see Worker.returns)."""
        order = {"do": "returns", "sent": await self.said()}
        return [device for each in await self._ask(order) for device in each]

    async def said(self) -> dict[int, int]:
        """Sender → how many messages it has sent."""
        answers = await self._ask({"do": "said"})
        return {int(sender): count for each in answers for sender, count in each.items()}

    async def _ask(self, order: Mapping[str, Any]) -> list[Any]:
        for process in self._processes:
            await _tell(process, order)
        return await asyncio.gather(*(_answer(process) for process in self._processes))


async def _tell(process: asyncio.subprocess.Process, order: Mapping[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(order).encode() + b"\n")
    await process.stdin.drain()


async def _answer(process: asyncio.subprocess.Process) -> Any:
    assert process.stdout is not None
    async with asyncio.timeout(ANSWER_SECONDS):
        line = await process.stdout.readline()
    if not line:
        raise RuntimeError("a driver process has ended; its reason is above")
    return json.loads(line)


def _added(counts: Any) -> Counter[int]:
    total: Counter[int] = Counter()
    for each in counts:
        total.update({int(bucket): count for bucket, count in each.items()})
    return total
