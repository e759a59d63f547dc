"""The sums of the benchmark: order, percentiles."""

import pytest

from benchmarks.driver.tally import Order, percentile_ms


def seen(*numbers):
    order = Order()
    for number in numbers:
        order.see(7, number)
    return order.missing, order.doubled, order.late


def test_each_next_number_once_is_in_order():
    assert seen(1, 2, 3) == (0, 0, 0)


def test_a_skipped_number_is_missing():
    assert seen(1, 2, 5) == (2, 0, 0)


def test_a_number_that_came_before_is_doubled():
    assert seen(1, 2, 2) == (0, 1, 0)


def test_a_late_number_is_there_and_out_of_place():
    assert seen(1, 3, 2) == (0, 0, 1)


def test_a_late_number_that_comes_again_is_doubled():
    assert seen(1, 3, 2, 2) == (0, 1, 1)


def test_what_never_came_is_lost_also_at_the_end():
    order = Order()
    for number in (1, 2, 5):
        order.see(7, number)

    assert order.lost({7: 6, 8: 2}) == 5  # 3, 4 and 6 of the one, everything of the other


def test_senders_are_followed_apart():
    order = Order()
    order.see(1, 1)
    order.see(2, 1)

    assert (order.missing, order.doubled) == (0, 0)


@pytest.mark.parametrize(("share", "ms"), [(0.5, 0.1), (0.9, 0.1), (0.91, 5.1), (0.99, 5.1), (1.0, 5.1)])
def test_a_percentile_is_the_upper_edge_of_its_bucket(share, ms):
    assert percentile_ms({0: 90, 50: 10}, share) == pytest.approx(ms)


def test_without_latencies_there_is_no_percentile():
    assert percentile_ms({}, 0.5) is None
