"""Pauses between links: long for a Redis that takes nobody, short for one that only ends links now and then."""

from chat.fanout.timing import Pauses, Timing

TIMING = Timing()
SHORT = TIMING.backoff_first
TRIES = range(20)


def test_attempts_that_end_at_once_are_made_ever_more_rarely() -> None:
    pauses = Pauses(TIMING)
    waited = [pauses.after(0.001) for _ in TRIES]
    assert waited[0] <= SHORT
    assert TIMING.backoff_most / 2 <= min(waited[-10:])
    assert max(waited) <= TIMING.backoff_most


def test_a_link_that_is_ended_every_second_is_replaced_at_once_each_time() -> None:
    pauses = Pauses(TIMING)
    assert max(pauses.after(1.0) for _ in TRIES) <= SHORT


def test_after_one_that_lasted_the_pauses_begin_anew() -> None:
    pauses = Pauses(TIMING)
    for _ in TRIES:
        pauses.after(0.001)
    assert pauses.after(TIMING.backoff_most + 1) <= SHORT
    assert pauses.after(0.001) <= 2 * SHORT


def test_links_that_end_sooner_than_the_pause_before_them_do_not_shorten_it() -> None:
    pauses = Pauses(TIMING)
    last = 0.0
    waited = []
    for _ in TRIES:
        last = pauses.after(last * 0.9)
        waited.append(last)
    assert TIMING.backoff_most / 2 <= min(waited[-10:])
