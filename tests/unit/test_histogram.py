from math import inf

from chat.histogram import QUICK_SECONDS, SLOW_SECONDS, Histogram


def test_every_step_counts_what_is_up_to_its_bound_and_the_last_one_everything():
    histogram = Histogram((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.10001, 1.0, 7.0):
        histogram.observe(seconds)
    assert list(histogram.up_to()) == [(0.1, 2), (1.0, 4), (inf, 5)]
    assert (histogram.count, round(histogram.sum_seconds, 5)) == (5, 8.25001)


def test_an_empty_one_has_its_steps_too():
    assert list(Histogram((1.0,)).up_to()) == [(1.0, 0), (inf, 0)]


def test_the_bounds_in_use_rise():
    for bounds in (QUICK_SECONDS, SLOW_SECONDS):
        assert list(bounds) == sorted(set(bounds))
