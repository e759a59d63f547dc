"""Judges a run: what was promised against what every device was shown (rules A to J of the promises, and W)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chat.proof.evidence import Evidence, Member, Trigger, Violation, gather
from chat.proof.history import History
from chat.proof.rules import RULES, late_deliveries

__all__ = ["Case", "Member", "Trigger", "Violation", "catch_up_seconds", "check"]

Messages = Iterable[Mapping[str, Any]]
"""Messages in the shape of the `message` event."""

SHOWN_PER_RULE = 20


def check(
    history: History,
    log: Messages,
    finals: Mapping[str, Mapping[int, Messages]],
    members: Mapping[int, Sequence[Member]],
    triggers: Sequence[Trigger] = (),
    *,
    per_rule: int = SHOWN_PER_RULE,
) -> list[Violation]:
    """Everything that broke a rule, at most `per_rule` of each; an empty list is a clean run.

    `log` is every message of the watched conversations as the database holds it at the end; `finals` what a complete
    read through each node gave (node → conversation → messages); `members` the stays in each conversation. A device
    that is connected when the history ends has to hold the whole log of its conversations from its latest snapshot
    on, one that is not has to hold it up to its cursor: a scenario makes sure by itself that its devices came back.
    The conversations keep one epoch.
    """
    evidence = gather(history, log, finals, members, triggers)
    return [Violation(rule, detail) for rule in RULES for detail in _first(evidence, rule, per_rule)]


@dataclass(frozen=True, slots=True)
class Case:
    """Everything about one run that `check` takes, kept together."""

    history: History
    log: Sequence[Mapping[str, Any]]
    finals: Mapping[str, Mapping[int, Sequence[Mapping[str, Any]]]]
    members: Mapping[int, Sequence[Member]]
    triggers: Sequence[Trigger] = ()

    def violations(self, *, per_rule: int = SHOWN_PER_RULE) -> list[Violation]:
        """What `check` finds."""
        return check(self.history, self.log, self.finals, self.members, self.triggers, per_rule=per_rule)


def catch_up_seconds(history: History, healed_at: float) -> float:
    """Time from healing to the last delivery of what had been acknowledged before (rule I as a number); 0: none."""
    evidence = gather(history, (), {}, {}, ())
    return max((late for _, _, late in late_deliveries(evidence, healed_at)), default=0.0)


def _first(evidence: Evidence, rule: str, limit: int) -> list[str]:
    found = RULES[rule](evidence)
    return [detail for detail, _ in zip(found, range(limit), strict=False)]
