"""Draws figures as SVG: panels of horizontal bars, no library, small enough for the repository."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log10
from typing import TYPE_CHECKING

from benchmarks.budgets import OUR_NAMES

if TYPE_CHECKING:
    from benchmarks.measuring import Figures
    from benchmarks.results import Results

WIDTH, LABEL, BAR, STEP, HEAD, GAP = 760, 150, 14, 20, 34, 14
ROOM = WIDTH - LABEL - 130
LEAST = 0.05
"""The shortest bar, as a share of the longest, on a logarithmic scale."""
OURS_COLOUR, THEIRS_COLOUR = "#0b7285", "#adb5bd"
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#212529}.t{font-weight:600;font-size:13px}.n{fill:#495057}"
    "@media(prefers-color-scheme:dark){text{fill:#e9ecef}.n{fill:#ced4da}.b{fill:#1b1e21}}.b{fill:#fff}"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """`note` is written behind the bar."""

    label: str
    value: float
    note: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Bars that are compared with each other alone."""

    title: str
    bars: Sequence[Bar]
    is_logarithmic: bool = False


def plots_of(results: "Results") -> dict[str, str]:
    """Name → SVG, of everything that was measured."""
    figures = results.typical()
    drawn = {
        "throughput": draw("Deliveries per second, saturated", _throughput(figures)),
        "latency": draw("From post to delivery: p99 in ms (logarithmic), p50 behind it", _latency(figures)),
        "recovery": draw("Messages lost by 200 devices that came back elsewhere", _recovery(results)),
        "connections": draw("Connections", _connections(results)),
    }
    return {name: drawing for name, drawing in drawn.items() if drawing}


def draw(title: str, panels: Sequence[Panel]) -> str:
    """The panels below each other; "" without any."""
    shown = [panel for panel in panels if panel.bars]
    if not shown:
        return ""
    parts, top = [], HEAD
    for panel in shown:
        parts += _panel(panel, top)
        top += HEAD + STEP * len(panel.bars) + GAP
    size = f'viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}"'
    name = escape(title)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{name}"><title>{name}</title>'
    back = f'<rect class="b" width="{WIDTH}" height="{top}"/><text class="t" x="10" y="22">{name}</text>'
    return "\n".join([f"{head}<style>{STYLE}</style>", back, *parts, "</svg>"]) + "\n"


def _panel(panel: Panel, top: int) -> list[str]:
    lines = [f'<text class="t" x="10" y="{top + 20}">{escape(panel.title)}</text>']
    shares = _shares([bar.value for bar in panel.bars], is_logarithmic=panel.is_logarithmic)
    for number, (bar, share) in enumerate(zip(panel.bars, shares, strict=True)):
        y = top + HEAD + STEP * number
        colour = OURS_COLOUR if bar.label in OUR_NAMES else THEIRS_COLOUR
        length = max(1.0, share * ROOM)
        lines += [
            f'<text x="{LABEL - 8}" y="{y + 11}" text-anchor="end">{escape(bar.label)}</text>'
            f'<rect x="{LABEL}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>'
            f'<text class="n" x="{LABEL + length + 6:.1f}" y="{y + 11}">{escape(bar.note)}</text>'
        ]
    return lines


def _shares(values: Sequence[float], *, is_logarithmic: bool) -> list[float]:
    """0 to 1."""
    most = max(values, default=0.0)
    if most <= 0.0:
        return [0.0 for _ in values]
    if not is_logarithmic:
        return [value / most for value in values]
    least = min((value for value in values if value > 0.0), default=most)
    span = log10(most / least) or 1.0
    return [LEAST + (1 - LEAST) * log10(max(value, least) / least) / span if most > least else 1.0 for value in values]


def _throughput(figures: Sequence["Figures"]) -> list[Panel]:
    return [
        Panel(name, [Bar(each.system, each.deliveries_per_second, _rate(each)) for each in group])
        for name, group in _by_workload(figures)
        if group[0].window
    ]


def _rate(each: "Figures") -> str:
    return f"{each.deliveries_per_second / 1e3:,.1f} k/s" + ("" if each.is_complete else ", incomplete")


def _latency(figures: Sequence["Figures"]) -> list[Panel]:
    return [
        Panel(name, [Bar(each.system, each.p99_ms or 0.0, _ms(each)) for each in group], is_logarithmic=True)
        for name, group in _by_workload(figures)
        if not group[0].window
    ]


def _ms(each: "Figures") -> str:
    return f"{each.p99_ms or 0:,.1f} ({each.p50_ms or 0:,.1f})" + ("" if each.is_complete else ", incomplete")


def _by_workload(figures: Sequence["Figures"]) -> list[tuple[str, list["Figures"]]]:
    names = dict.fromkeys(each.workload for each in figures)
    return [(name, [each for each in figures if each.workload == name]) for name in names]


def _recovery(results: "Results") -> list[Panel]:
    titles = {"kill": "their node is killed", "cut": "their connections are cut"}
    return [
        Panel(title, [Bar(each.system, each.lost, f"{each.lost:,}") for each in results.recoveries if each.how == how])
        for how, title in titles.items()
    ]


def _connections(results: "Results") -> list[Panel]:
    idle = [Bar(each.system, each.kb_per_connection, f"{each.kb_per_connection:.0f} KB") for each in results.idle]
    storms = [Bar(each.system, each.all_seconds, f"{each.all_seconds:.2f} s") for each in results.storms]
    return [Panel("memory for each idle connection", idle), Panel("500 at once: seconds until all are ready", storms)]
