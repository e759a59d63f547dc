"""What came out of a drill: what was measured, what the checker found, and what that means."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from chat.drills.criterion import Criterion
from chat.drills.timeline import Timeline
from chat.proof.evidence import Violation

RULES = {
    "A": "lost",
    "B": "doubled",
    "C": "invented",
    "D": "out of order",
    "E": "in disagreement",
    "F": "before what was acknowledged earlier",
    "G": "before what they answer",
    "H": "shown to strangers",
    "I": "late after healing",
    "J": "answers of the assistant too many or missing",
    "W": "against the protocol",
}
"""What a violation of each rule of the checker counts."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    text: str
    measured: str
    limit: str
    is_met: bool


@dataclass(slots=True)
class Outcome:
    """`measured` has one value for each criterion, the worst; `judged` counts what went before the checker.

    `series` are values that were counted again and again, by what they count. `blind` are the rules of which the
    checker did not notice a break that was made on purpose in the same history.
    """

    drill: str
    criteria: Sequence[Criterion]
    patience: float = 1.0
    is_judged: bool = True
    measured: dict[Criterion, float] = field(default_factory=dict)
    judgements: int = 0
    posts: int = 0
    deliveries: int = 0
    violations: list[Violation] = field(default_factory=list)
    blind: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    timelines: list[Timeline] = field(default_factory=list)
    series: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0

    def measure(self, criterion: Criterion, value: float) -> None:
        """Keep the value; of several the worst. Raises KeyError for a criterion that the drill does not have."""
        if criterion not in self.criteria:
            raise KeyError(criterion.text)
        before = self.measured.get(criterion)
        self.measured[criterion] = value if before is None else criterion.worse(before, value)

    @property
    def counts(self) -> dict[str, int]:
        """Violations by the letter of their rule, in the order of the rules."""
        found = Counter(each.rule for each in self.violations)
        return {rule: found[rule] for rule in RULES}

    @property
    def rows(self) -> list[Row]:
        """The verdict, criterion by criterion, then what the checker says, then what broke the drill."""
        rows = [self._row_of(criterion) for criterion in self.criteria]
        if self.is_judged:
            rows += self._judgement()
        return rows + [Row(trouble, "", "", is_met=False) for trouble in self.troubles]

    @property
    def failures(self) -> list[str]:
        return [f"{row.text}: {row.measured} ({row.limit})" for row in self.rows if not row.is_met]

    @property
    def passed(self) -> bool:
        return not self.failures

    def fails(self, what: Criterion | str) -> bool:
        """Whether a criterion, or a rule of the checker by its letter, is not met."""
        if isinstance(what, str):
            return self.counts[what] > 0
        return what in self.measured and not what.is_met(self.measured[what], patience=self.patience)

    def _row_of(self, criterion: Criterion) -> Row:
        value = self.measured.get(criterion)
        shown = "not measured" if value is None else criterion.shown(value)
        is_met = value is not None and criterion.is_met(value, patience=self.patience)
        return Row(criterion.text, shown, criterion.limit_text(self.patience), is_met)

    def _judgement(self) -> list[Row]:
        if not self.judgements:
            return [Row("the checker", "not asked", "= 0", is_met=False)]
        broken = [(rule, count) for rule, count in self.counts.items() if count]
        rows = [Row(f"rule {rule}: {RULES[rule]}", f"{count:,}", "= 0", is_met=False) for rule, count in broken]
        rows = rows or [Row("rules A to J of the checker: violations", "0", "= 0", is_met=True)]
        if self.blind:
            rows.append(Row("breaks made on purpose, unnoticed", ", ".join(self.blind), "none", is_met=False))
        return rows
