"""A timeline as an SVG: how long deliveries took, on a logarithmic scale, with the faults as bands."""

from collections.abc import Callable, Iterator, Sequence
from html import escape
from math import log10

from chat.drills.timeline import STEP_SECONDS, Timeline

WIDTH, HEIGHT = 900, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 44, 40
FASTEST_SECONDS, SLOWEST_SECONDS = 0.001, 100.0
DECADES = (("1 ms", 0.001), ("10 ms", 0.01), ("100 ms", 0.1), ("1 s", 1.0), ("10 s", 10.0), ("100 s", 100.0))
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
MOST_TICKS = 12
LABEL_PIXELS = 7

STYLE = """
svg { background: #fff; font: 12px system-ui, sans-serif; fill: #333 }
.title { font-weight: 600; font-size: 14px } .grid { stroke: #e4e4e4 } .fault { fill: #d33; fill-opacity: .12 }
.fault-name { fill: #a11 } .half { fill: none; stroke: #1769aa; stroke-width: 1.5 }
.last { fill: none; stroke: #c77700; stroke-width: 1.5 } .half-name { fill: #1769aa } .last-name { fill: #c77700 }
"""

Scale = Callable[[float], float]


def svg_of(title: str, timeline: Timeline) -> str:
    """The whole file."""
    ends = [step.at + STEP_SECONDS for step in timeline.steps] + [end for _, end, _ in timeline.marks]
    longest = max(ends, default=1.0)

    def x(seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(max(seconds, 0.0), longest) / longest

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<text class="title" x="{LEFT}" y="20">{escape(title)}</text>',
        *_grid(x, longest),
        *_faults(timeline.marks, x),
        _line("half", [(step.at, step.half) for step in timeline.steps], x),
        _line("last", [(step.at, step.last) for step in timeline.steps], x),
        f'<text x="{LEFT}" y="{HEIGHT - 6}"><tspan class="half-name">half of the deliveries</tspan>'
        ' · <tspan class="last-name">the last one</tspan></text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _y(seconds: float) -> float:
    share = log10(min(max(seconds, FASTEST_SECONDS), SLOWEST_SECONDS) / FASTEST_SECONDS) / (len(DECADES) - 1)
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _grid(x: Scale, longest: float) -> Iterator[str]:
    for name, seconds in DECADES:
        y = _y(seconds)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{name}</text>'
    step = next((tick for tick in TICKS if longest / tick <= MOST_TICKS), TICKS[-1])
    for number in range(int(longest / step) + 1):
        yield f'<text x="{x(number * step):.1f}" y="{HEIGHT - 22}" text-anchor="middle">{number * step}</text>'
    yield f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" text-anchor="end">seconds, by when it was posted</text>'


def _faults(marks: Sequence[tuple[float, float, str]], x: Scale) -> Iterator[str]:
    """Bands; a name is left out where it would run into the one before."""
    free_from = 0.0
    for start, end, what in marks:
        left, width = x(start), max(2.0, x(end) - x(start))
        yield f'<rect class="fault" x="{left:.1f}" y="{TOP}" width="{width:.1f}" height="{HEIGHT - TOP - BOTTOM}"/>'
        if left >= free_from:
            yield f'<text class="fault-name" x="{left:.1f}" y="{TOP - 6}">{escape(what)}</text>'
            free_from = left + LABEL_PIXELS * len(what)


def _line(name: str, points: Sequence[tuple[float, float]], x: Scale) -> str:
    path = " ".join(f"{x(at):.1f},{_y(seconds):.1f}" for at, seconds in points)
    return f'<polyline class="{name}" points="{path}"/>'
