"""Every system of the benchmark starts, and ten devices are told every message once, in order, and counted right."""

from pathlib import Path

import pytest

from benchmarks.budgets import OUR_NAMES
from benchmarks.driver.crew import Crew, Load
from benchmarks.systems.system import System
from benchmarks.systems.table import SYSTEMS
from benchmarks.workloads import Workload

DEVICES = 10
SECONDS = 0.6


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest, tmp_path: Path):
    system_class = SYSTEMS[request.param]
    reason = system_class.missing()
    if reason:
        pytest.skip(f"NOT TESTED: {request.param}: {reason}")
    yield system_class(Workload("smoke", (4, 6), DEVICES, rate=100.0), tmp_path)
    system_class.release()


async def test_every_message_is_delivered_once_and_counted(system: System):
    async with system, Crew(system.seats(), processes=1) as crew:
        await crew.connect()
        await crew.run(Load(rate_per_sender=10.0), warm_up_seconds=0.0, seconds=SECONDS)
        totals = await crew.settled()
        said = await crew.said()

    assert sorted(said) == list(range(DEVICES))
    assert min(said.values()) >= 1
    deliveries = sum(count * (4 if sender < 4 else 6) for sender, count in said.items())
    assert totals == {
        "sent": sum(said.values()),
        "expected": deliveries,
        "delivered": deliveries,
        "acknowledged": sum(said.values()) if system.name in OUR_NAMES else 0,
        **dict.fromkeys(("refused", "closed", "missing", "doubled", "late"), 0),
    }
