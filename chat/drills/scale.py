"""How large a drill is: in full for the report, or short for the tests."""

from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Scale:
    """`patience` stretches limits of time and size where the machine has other work; counts stay exact."""

    is_full: bool
    people: int
    groups: int
    posts_per_second: float
    patience: float

    def pick(self, full: Value, short: Value) -> Value:
        return full if self.is_full else short


FULL = Scale(is_full=True, people=30, groups=12, posts_per_second=40, patience=1.0)
"""The base load: 30 people with 2 devices each in 12 conversations, 40 messages a second."""

SHORT = Scale(is_full=False, people=9, groups=7, posts_per_second=40, patience=3.0)
