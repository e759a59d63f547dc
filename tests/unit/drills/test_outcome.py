"""What a drill measured becomes a verdict, and a verdict that cannot be given is a failure."""

import pytest

from chat.drills.criterion import at_least, at_most, exactly
from chat.drills.outcome import Outcome
from chat.proof.evidence import Violation

SOON = at_most("it comes", 5.0, "s")
SHARE = at_most("processor", 50.0, "%")
MANY = at_least("times", 10)
NONE = exactly("failures", 0)


def outcome(**values: object) -> Outcome:
    return Outcome("a_drill", (SOON, MANY, NONE), **{"judgements": 1, **values})


def test_everything_met_is_a_pass():
    found = outcome(measured={SOON: 5.0, MANY: 10, NONE: 0})

    assert (found.passed, found.failures) == (True, [])


@pytest.mark.parametrize(("criterion", "value"), [(SOON, 5.1), (MANY, 9), (NONE, 1), (SOON, float("inf"))])
def test_one_criterion_that_is_not_met_is_a_failure(criterion, value):
    found = outcome(measured={SOON: 1.0, MANY: 10, NONE: 0, criterion: value})

    assert not found.passed
    assert [found.fails(each) for each in (SOON, MANY, NONE)] == [each is criterion for each in (SOON, MANY, NONE)]


def test_what_was_not_measured_is_not_met():
    assert outcome(measured={SOON: 1.0, MANY: 10}).failures == ["failures: not measured (= 0)"]


def test_a_drill_that_did_not_come_to_the_checker_has_failed():
    found = outcome(measured={SOON: 1.0, MANY: 10, NONE: 0}, judgements=0)

    assert found.failures == ["the checker: not asked (= 0)"]


def test_violations_breaks_that_go_unnoticed_and_troubles_are_failures():
    good = {SOON: 1.0, MANY: 10, NONE: 0}

    assert outcome(measured=good, violations=[Violation("A", "gone")]).fails("A")
    assert outcome(measured=good, violations=[Violation("A", "gone")]).failures == ["rule A: lost: 1 (= 0)"]
    assert not outcome(measured=good, blind=["B"]).passed
    assert not outcome(measured=good, troubles=["broke off"]).passed


def test_of_several_measurements_the_worst_counts():
    found = outcome()
    for value in (1.0, 3.0, 2.0):
        found.measure(SOON, value)
        found.measure(MANY, value)
        found.measure(NONE, value - 1)

    assert found.measured == {SOON: 3.0, MANY: 1.0, NONE: 2.0}


def test_patience_stretches_times_and_sizes_and_nothing_else():
    assert [each.limit_with(3.0) for each in (SOON, SHARE, MANY, NONE)] == [15.0, 50.0, 10, 0]


def test_a_measurement_that_the_drill_does_not_have_is_a_mistake():
    with pytest.raises(KeyError):
        outcome().measure(SHARE, 1.0)
