"""A verdict says met when the number is good enough, and says nothing of what was not measured."""

from dataclasses import replace

import pytest

from benchmarks.budgets import judge
from benchmarks.checkpoint import CheckpointCost
from benchmarks.history import HistoryCost
from benchmarks.idle import IdleMemory
from benchmarks.measuring import Figures

FIGURES = Figures(
    system="distchat",
    workload="300 saturated",
    window=8,
    messages_per_second=4.0,
    deliveries_per_second=1200.0,
    p50_ms=1.0,
    p99_ms=2.0,
    remote_p50_ms=1.0,
    remote_p99_ms=2.0,
    cpu_us_per_delivery=1.0,
    node_cpu_us_per_delivery=1.0,
    node_cores=1.0,
    redis_cores=0.1,
    driver_cores=[0.1],
    node_mb=100.0,
    sent=10,
    acknowledged=10,
    refused=0,
    closed=0,
    missing=0,
    doubled=0,
)


def verdicts(*arguments):
    return [(verdict.measured, verdict.is_met) for verdict in judge(*arguments)]


@pytest.mark.parametrize(("theirs", "expected"), [(300.0, ("4.0 x", True)), (301.0, ("4.0 x", False))])
def test_a_ratio_is_met_at_its_budget(theirs, expected):
    peer = replace(FIGURES, system="seeds", deliveries_per_second=theirs)

    assert verdicts([FIGURES, peer])[0] == expected


def test_without_the_peer_there_is_no_ratio():
    assert verdicts([FIGURES]) == [("0 missing, 0 doubled, 0 unanswered", True)]


def test_latencies_to_another_node_are_judged():
    slow = replace(FIGURES, workload="60 at 50/s", remote_p50_ms=5.0, remote_p99_ms=15.1)

    assert verdicts([slow])[:2] == [("5.0 ms", True), ("15.1 ms", False)]


@pytest.mark.parametrize("fault", [{"missing": 1}, {"doubled": 1}, {"acknowledged": 9}])
def test_one_message_that_went_wrong_is_too_many(fault):
    assert verdicts([replace(FIGURES, **fault)])[-1][1] is False


def test_memory_is_compared_with_the_tutorial():
    ours, theirs = IdleMemory("distchat", 500, 1.0, 40.0), IdleMemory("tutorial", 500, 1.0, 30.0)

    assert verdicts([], [ours, theirs]) == [("40 KB against 30 KB", False)]


def test_a_long_conversation_may_cost_a_fifth_more():
    cost = HistoryCost("post", (100, 1_000_000), (10.0, 12.0), 300)

    assert verdicts([], [], [cost, replace(cost, medians_ms=(10.0, 12.1))]) == [
        ("1.20 x (10.0 → 12.0 ms)", True),
        ("1.21 x (10.0 → 12.1 ms)", False),
    ]


def test_a_checkpoint_must_be_cheap_and_stay_so():
    ours, theirs = CheckpointCost("ours", 2.0, 3.0, 1.0, 1), CheckpointCost("theirs", 2.0, 60.0, 9.0, 9)

    assert verdicts([], [], [], [ours, theirs]) == [("20 x", True), ("1.50 x", False)]
