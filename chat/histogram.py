"""How long things took, counted in fixed steps: cheap enough for every message."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate
from math import inf

QUICK_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""For what a person waits for without noticing, up to the deadline of a write."""
SLOW_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0)
"""For what a language model does."""


class Histogram:
    """`bounds` are the upper ends of the steps, each included, rising; what is over the last has a step of its own."""

    __slots__ = ("_bounds", "_counts", "sum_seconds")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(bounds) + 1)
        self.sum_seconds = 0.0

    def observe(self, seconds: float) -> None:
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self.sum_seconds += seconds

    @property
    def count(self) -> int:
        return sum(self._counts)

    def up_to(self) -> Iterator[tuple[float, int]]:
        """Each bound, the last infinite, with how many were observed up to it."""
        return zip((*self._bounds, inf), accumulate(self._counts), strict=True)
