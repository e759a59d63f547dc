"""What grows is noticed, and what was learned once is not growth."""

import pytest

from chat.drills.soak import MEMORY, OBJECTS, growth


def test_what_stays_as_it_is_does_not_grow():
    assert growth([100.0] * 40) == 1.0


def test_what_is_learned_in_the_first_quarter_is_not_growth():
    assert growth([10, 50, 90, *[100.0] * 9]) == 1.0


def test_a_little_more_in_every_chapter_is_noticed():
    assert growth([100 + number for number in range(40)]) > 1.15
    assert growth([200 + number for number in range(40)]) > MEMORY.limit


def test_of_objects_half_as_much_is_noticed():
    assert growth([200 + number / 2 for number in range(40)]) > OBJECTS.limit


def test_one_chapter_is_no_trend():
    assert growth([*[100.0] * 15, 900]) == 1.0


def test_of_few_the_last_counts_against_the_first():
    assert growth([100, 150, 120]) == 1.2


def test_what_was_nothing_may_not_become_much():
    assert growth([0.0, 0.0, 0.0, 7.0]) == 7.0


def test_nothing_counted_is_no_verdict():
    with pytest.raises(ValueError, match="nothing was counted"):
        growth([])
