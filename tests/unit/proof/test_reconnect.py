"""When a device comes back."""

import random

import pytest

from chat.proof.reconnect import LONGEST_SECONDS, seconds_until_retry

CHANCE = random.Random(1)


@pytest.mark.parametrize("code", [4400, 4401, 4403])
def test_a_device_that_is_not_wanted_never_comes_back(code):
    assert seconds_until_retry(code, told_ms=5, failures=0, chance=CHANCE) is None


@pytest.mark.parametrize("code", [1012, 4408])
def test_a_restart_and_a_slow_device_come_back_at_once_with_jitter(code):
    delays = {seconds_until_retry(code, told_ms=None, failures=9, chance=CHANCE) for _ in range(20)}
    assert len(delays) == 20
    assert max(delays) <= 0.25


def test_the_server_knows_best_when():
    assert seconds_until_retry(1012, told_ms=730, failures=0, chance=CHANCE) == 0.73
    assert seconds_until_retry(4429, told_ms=1500, failures=0, chance=CHANCE) == 1.5


def test_a_flood_waits_even_when_nobody_said_how_long():
    assert seconds_until_retry(4429, told_ms=None, failures=0, chance=CHANCE) == 5


def test_failures_back_off_up_to_a_limit():
    assert seconds_until_retry(None, told_ms=None, failures=1, chance=CHANCE) <= 0.5
    delays = [seconds_until_retry(None, told_ms=None, failures=30, chance=CHANCE) for _ in range(50)]
    assert 1 < max(delays) <= LONGEST_SECONDS
