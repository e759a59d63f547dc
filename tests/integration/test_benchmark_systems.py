"""Every system of the benchmark starts, and ten devices are told every message once, in order, and counted right."""

from pathlib import Path

import pytest

from benchmarks.budgets import OUR_NAMES
from benchmarks.checkpoint import measure_checkpoints
from benchmarks.driver.crew import Crew, Load
from benchmarks.recovery import measure_recovery
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


@pytest.mark.filterwarnings("ignore:get_async_redis_connection:DeprecationWarning")  # the stock saver's own
async def test_both_designs_of_a_session_are_measured():
    ours, theirs = await measure_checkpoints(messages=25)

    assert [each.steps for each in (ours, theirs)] == [25, 25]
    assert ours.redis_keys == 1 < theirs.redis_keys


async def test_who_comes_back_to_a_system_without_a_memory_has_lost_what_was_said_meanwhile():
    found = await measure_recovery(SYSTEMS["seeds"], "kill", devices=8)

    assert (found.devices, found.back, found.doubled) == (8, 8, 0)
    assert found.lost > 0


async def test_who_comes_back_to_distchat_has_lost_nothing():
    found = await measure_recovery(SYSTEMS["distchat"], "kill", devices=8)

    assert (found.devices, found.back, found.lost, found.doubled, found.late) == (8, 8, 0, 0, 0)
