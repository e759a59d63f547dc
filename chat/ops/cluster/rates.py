"""How fast something goes, from two reports of one life of a node; pure."""

from collections import deque

from chat.ops.cluster.report import Counters, Report

WINDOW_REPORTS = 4
"""Rates are over three seconds: steadier than one, and as quick to follow as an eye."""

PER_SECOND = ("messages", "changes", "deliveries", "published", "received")


class Trail:
    """The latest reports of one life; what another life has counted never mixes in."""

    def __init__(self) -> None:
        self._reports: deque[Report] = deque(maxlen=WINDOW_REPORTS)

    def add(self, report: Report) -> None:
        """Take the next report; the same one again, or an older one, changes nothing."""
        if self._reports and self._reports[-1].life != report.life:
            self._reports.clear()
        if not self._reports or report.at > self._reports[-1].at:
            self._reports.append(report)

    @property
    def latest(self) -> Report:
        return self._reports[-1]

    @property
    def rates(self) -> dict[str, float] | None:
        return rates_between(self._reports[0], self._reports[-1])


def rates_between(before: Report, after: Report) -> dict[str, float] | None:
    """Per second: PER_SECOND, `cpu` (1 is one core) and means over that time: `post_seconds`, `commit_seconds`.

    A mean of nothing is left out. None where nothing can be said: one report, two lives, or counters that went back.
    """
    seconds = after.at - before.at
    if seconds <= 0 or before.life != after.life or _went_back(before.counters, after.counters):
        return None
    found = {name: _grown(name, before, after) / seconds for name in PER_SECOND}
    found["cpu"] = _grown("cpu_seconds", before, after) / seconds
    for total, count in (("post_seconds", "posts"), ("commit_seconds", "commits")):
        if _grown(count, before, after):
            found[total] = _grown(total, before, after) / _grown(count, before, after)
    return found


def _grown(name: str, before: Report, after: Report) -> float:
    return float(getattr(after.counters, name) - getattr(before.counters, name))


def _went_back(before: Counters, after: Counters) -> bool:
    return any(getattr(after, name) < getattr(before, name) for name in Counters.model_fields)
