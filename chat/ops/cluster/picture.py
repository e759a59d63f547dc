"""What the page shows of the nodes: made of what lies on the board, second by second; pure."""

from collections.abc import Iterable
from typing import Any

from chat.ops.cluster.board import Pinned
from chat.ops.cluster.rates import Trail
from chat.ops.cluster.report import Report, read_report

GONE_SECONDS = 3.5
"""Three reports that did not come: the node is dead, cut off, or stands still."""
LEFT_SECONDS = 15.0
"""A node that has said goodbye is shown so much longer."""

Shown = dict[str, Any]


class Picture:
    """Follows each life of each node; whatever lies on the board, `take` shows what can be shown."""

    def __init__(self) -> None:
        self._trails: dict[str, Trail] = {}

    def take(self, pinned: Iterable[Pinned]) -> Shown:
        """`nodes` by name, those that have gone last, and how many reports were `unreadable`."""
        readable: list[tuple[Report, float]] = []
        unreadable = 0
        for each in pinned:
            report = read_report(each.raw, life=each.life) if each.raw else None
            if report is not None:
                readable.append((report, each.age_seconds))
            else:
                unreadable += bool(each.raw)
        self._follow(report for report, _ in readable)
        shown = [self._node(report, age) for report, age in _worth_showing(readable)]
        shown.sort(key=lambda node: (node["state"] in ("gone", "left"), _as_people_count(node["name"]), node["life"]))
        return {"nodes": shown, "unreadable": unreadable}

    def _follow(self, reports: Iterable[Report]) -> None:
        before, self._trails = self._trails, {}
        for report in reports:
            trail = self._trails[report.life] = before.get(report.life) or Trail()
            trail.add(report)

    def _node(self, report: Report, age_seconds: float) -> Shown:
        state = _state(report, age_seconds)
        is_there = state not in ("gone", "left")
        return {
            "name": report.name,
            "life": report.life,
            "version": report.version,
            "state": state,
            "age": round(age_seconds, 1),
            "uptime": round(report.at, 1),
            "degraded": list(report.degraded),
            **report.gauges.model_dump(),
            "counters": report.counters.model_dump(),
            "rates": self._trails[report.life].rates if is_there else None,
        }


def is_there(report: Report, age_seconds: float) -> bool:
    return _state(report, age_seconds) not in ("gone", "left")


def _state(report: Report, age_seconds: float) -> str:
    if report.state == "left":
        return "left"
    return "gone" if age_seconds > GONE_SECONDS else report.state


def _worth_showing(found: list[tuple[Report, float]]) -> list[tuple[Report, float]]:
    """Without those that said goodbye a while ago, and earlier lives of a node that is back."""
    back = {report.name for report, age in found if is_there(report, age)}
    return [
        (report, age)
        for report, age in found
        if is_there(report, age) or (report.name not in back and not (report.state == "left" and age > LEFT_SECONDS))
    ]


def _as_people_count(name: str) -> tuple[str, int]:
    """server_2 comes before server_10."""
    number = name[len(name.rstrip("0123456789")) :]
    return name.removesuffix(number), int(number or 0)
