import pytest

from chat.proof.percentile import percentile


def test_a_percentile_is_a_value_that_was_measured():
    assert [percentile([3, 1, 2], share) for share in (0.0, 0.5, 0.99, 1.0)] == [1, 2, 3, 3]
    assert percentile([1.0, 2.0, 3.0, 4.0], 0.5) == 3.0


def test_of_nothing_there_is_none():
    with pytest.raises(ValueError, match="nothing was measured"):
        percentile([], 0.5)
