"""A verdict says met when the number is good enough, and says nothing of what was not measured."""

from dataclasses import replace

import pytest

from benchmarks.budgets import judge
from benchmarks.checkpoint import CheckpointCost
from benchmarks.history import HistoryCost
from benchmarks.idle import IdleMemory
from benchmarks.measuring import Figures
from benchmarks.recovery import Recovery

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
    store_cores=0.0,
    driver_cores=[0.1],
    node_mb=100.0,
    sent=10,
    acknowledged=10,
    refused=0,
    closed=0,
    missing=0,
    doubled=0,
    late=0,
)


def verdicts(*arguments):
    return [(verdict.measured, verdict.is_met) for verdict in judge(*arguments)]


@pytest.mark.parametrize(("theirs", "expected"), [(300.0, ("4.00 x", True)), (301.0, ("3.99 x", False))])
def test_a_ratio_is_met_at_its_budget(theirs, expected):
    peer = replace(FIGURES, system="seeds", deliveries_per_second=theirs)

    assert verdicts([FIGURES, peer])[0] == expected


def test_without_the_peer_there_is_no_ratio():
    assert verdicts([FIGURES]) == [("0 missing or late, 0 doubled, 0 unanswered", True)]


def test_latencies_to_another_node_are_judged():
    slow = replace(FIGURES, workload="60 at 50/s", remote_p50_ms=5.0, remote_p99_ms=15.1)

    assert verdicts([slow])[:2] == [("5.0 ms", True), ("15.1 ms", False)]


@pytest.mark.parametrize("fault", [{"missing": 1}, {"doubled": 1}, {"late": 1}, {"acknowledged": 9}])
def test_one_message_that_went_wrong_is_too_many(fault):
    assert verdicts([replace(FIGURES, **fault)])[-1][1] is False


def test_memory_is_compared_with_the_tutorial():
    ours, theirs = IdleMemory("distchat", 500, 1.0, 40.0, 1.0), IdleMemory("tutorial", 500, 1.0, 30.0, 1.0)

    assert verdicts([], [ours, theirs]) == [("40 KB against 30 KB", False)]


def test_a_long_conversation_may_cost_a_fifth_more():
    cost = HistoryCost("distchat", "post", (100, 10_000, 1_000_000), (10.0, 50.0, 12.0), 300)

    assert verdicts([], [], [cost, replace(cost, medians_ms=(10.0, 10.0, 12.1))]) == [
        ("1.20 x (10.0 → 12.0 ms)", True),
        ("1.21 x (10.0 → 12.1 ms)", False),
    ]


def test_a_checkpoint_must_be_cheap_and_stay_so():
    ours, theirs = CheckpointCost("ours", 2.0, 3.0, 1.0, 1, 1000), CheckpointCost("theirs", 2.0, 60.0, 9.0, 9, 1000)

    assert verdicts([], [], [], [ours, theirs]) == [("20 x", True), ("1.50 x", False)]


def test_what_runs_on_postgresql_is_judged_under_its_name():
    peer = replace(FIGURES, system="seeds", deliveries_per_second=300.0)
    found = judge([replace(FIGURES, system="distchat-postgres"), peer])

    assert found[0].budget == "on PostgreSQL: 300 saturated: deliveries/s ≥ 4 x seeds"


BACK = Recovery("distchat", "kill", 200, 200, 1.0, 3.0, 140, 0, 0, 0)


@pytest.mark.parametrize(
    ("fault", "is_met"),
    [({}, True), ({"last_seconds": 3.1}, False), ({"back": 199}, False), ({"lost": 1}, False), ({"doubled": 1}, False)],
)
def test_coming_back_late_or_not_whole_is_not_enough(fault, is_met):
    assert [verdict.is_met for verdict in judge([], recoveries=[replace(BACK, **fault)])] == [is_met]


def test_only_what_a_dead_node_costs_us_is_promised():
    peer, cut = replace(BACK, system="socketio", lost=9), replace(BACK, how="cut", lost=9)

    assert judge([], recoveries=[peer, cut]) == []
