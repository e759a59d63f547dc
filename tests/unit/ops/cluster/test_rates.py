"""Rates are differences of one life; a restart begins anew."""

import pytest

from chat.ops.cluster.rates import WINDOW_REPORTS, Trail, rates_between
from tests.unit.ops.cluster.made import LIFE, OTHER_LIFE, report

NOTHING = {"messages": 0, "changes": 0, "deliveries": 0, "published": 0, "received": 0, "cpu": 0}


def test_a_rate_is_what_was_added_by_the_time_that_passed_on_the_node():
    before = report(at=10, messages=100, deliveries=1000, cpu_seconds=5)
    after = report(at=12, messages=110, deliveries=1300, cpu_seconds=6)
    assert rates_between(before, after) == {**NOTHING, "messages": 5, "deliveries": 150, "cpu": 0.5}


def test_a_mean_is_of_what_was_done_meanwhile_and_left_out_where_nothing_was():
    before = report(at=10, posts=5, post_seconds=100)
    after = report(at=11, posts=9, post_seconds=100.2)
    found = rates_between(before, after)
    assert found is not None
    assert found.pop("post_seconds") == pytest.approx(0.05)
    assert found == NOTHING


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (report(at=10), report(at=10)),
        (report(at=10), report(at=9)),
        (report(at=10, messages=5), report(life=OTHER_LIFE, at=11, messages=6)),
        (report(at=10, messages=5), report(at=11, messages=4)),
    ],
    ids=["same", "backwards", "another life", "fewer"],
)
def test_nothing_is_said_where_nothing_can_be(before, after):
    assert rates_between(before, after) is None


def test_a_trail_follows_the_last_seconds():
    trail = Trail()
    trail.add(report(at=0, messages=1_000_000))
    assert trail.rates is None
    for second in range(1, 10):
        trail.add(report(at=second, messages=1_000_000 + 10 * second))
        trail.add(report(at=second, messages=1_000_000 + 10 * second))
    assert trail.rates == {**NOTHING, "messages": 10}
    trail.add(report(at=10, messages=1_000_090 + 310))
    assert trail.rates == {**NOTHING, "messages": pytest.approx(330 / (WINDOW_REPORTS - 1))}


def test_a_restart_begins_anew():
    trail = Trail()
    trail.add(report(at=500, messages=9000))
    trail.add(report(at=501, messages=9100))
    trail.add(report(life=OTHER_LIFE, at=1, messages=0))
    assert (trail.rates, trail.latest.life) == (None, OTHER_LIFE)
    trail.add(report(life=OTHER_LIFE, at=2, messages=4))
    assert trail.rates == {**NOTHING, "messages": 4}
    assert LIFE != OTHER_LIFE
