"""What a drill promises: a sentence, a limit, and how a measured value compares with it."""

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal["at most", "at least", "exactly"]

SIGNS: dict[Kind, str] = {"at most": "≤", "at least": "≥", "exactly": "="}

STRETCHED = {"s", "MB", "x"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """`text` says what is measured; a value meets it when it is `kind` of `limit`, in `unit`.

    `short` is the limit of a count in the short form of a drill, where it is another one.
    """

    text: str
    kind: Kind
    limit: float
    unit: str = ""
    short: float | None = None

    def limit_with(self, patience: float) -> float:
        """What a time or a size may be where the machine is busy; shares and counts do not depend on the machine."""
        if self.short is not None and patience > 1:
            return self.short
        return self.limit * patience if self.kind == "at most" and self.unit in STRETCHED else self.limit

    def is_met(self, value: float, *, patience: float = 1.0) -> bool:
        limit = self.limit_with(patience)
        return {"at most": value <= limit, "at least": value >= limit, "exactly": value == limit}[self.kind]

    def worse(self, one: float, other: float) -> float:
        """Of two measurements the one that counts."""
        if self.kind == "exactly":
            return max(one, other, key=lambda value: abs(value - self.limit))
        return max(one, other) if self.kind == "at most" else min(one, other)

    def limit_text(self, patience: float = 1.0) -> str:
        return f"{SIGNS[self.kind]} {self.shown(self.limit_with(patience))}"

    def shown(self, value: float) -> str:
        """The value as a person would write it."""
        if math.isinf(value):
            return "never"
        digits = f"{value:,.0f}" if value == int(value) or abs(value) >= 1000 else f"{value:.3g}"
        return f"{digits} {self.unit}".rstrip()


def at_most(text: str, limit: float, unit: str = "") -> Criterion:
    return Criterion(text, "at most", limit, unit)


def at_least(text: str, limit: float, *, short: float | None = None) -> Criterion:
    return Criterion(text, "at least", limit, short=short)


def exactly(text: str, limit: float, unit: str = "") -> Criterion:
    return Criterion(text, "exactly", limit, unit)
