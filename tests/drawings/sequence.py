"""Drawings of what follows what: a lane for each party, time runs down."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.drawings.svg import Drawing, arrow, box, text

LANE = 176
TOP = 62
STEP = 44


@dataclass(frozen=True, slots=True)
class Say:
    """An arrow from lane to lane, with words on it."""

    source: int
    target: int
    words: str
    kind: str = "way"
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class Do:
    """Something that a party does by itself; `below` is a second line."""

    lane: int
    words: str
    kind: str = ""
    below: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A heading across all lanes."""

    words: str


def sequence(
    title: str, description: str, lanes: Sequence[tuple[str, str]], steps: Sequence[Say | Do | Part]
) -> Drawing:
    width, height = LANE * len(lanes), TOP + STEP * len(steps) + 34
    shapes: list[str] = [f'<path class="lane" d="M{_middle(n)} {TOP - 8}V{height - 14}"/>' for n in range(len(lanes))]
    for number, (name, role) in enumerate(lanes):
        shapes += [box(_middle(number) - 78, 10, 156, 44), text(_middle(number), 29, name, "b m")]
        shapes.append(text(_middle(number), 46, role, "s m"))
    for number, step in enumerate(steps, start=1):
        shapes += _shapes(step, TOP + STEP * number, width)
    return Drawing(title, description, width, height, tuple(shapes))


def _middle(lane: int) -> int:
    return LANE * lane + LANE // 2


def _shapes(step: Say | Do | Part, y: int, width: int) -> list[str]:
    if isinstance(step, Part):
        return [box(12, y - 17, width - 24, 26), text(24, y, step.words, "b")]
    if isinstance(step, Do):
        tall = 40 if step.below else 28
        shapes = [box(_middle(step.lane) - 84, y - 18, 168, tall, f"room {step.kind}")]
        shapes.append(text(_middle(step.lane), y, step.words, f"m {step.kind}".strip()))
        return [*shapes, text(_middle(step.lane), y + 16, step.below, "s m")] if step.below else shapes
    return _say(step, y)


def _say(step: Say, y: int) -> list[str]:
    start, end = _middle(step.source), _middle(step.target)
    if step.is_lost:
        end = (start + end) // 2
    kind = "bad" if step.is_lost else step.kind
    shapes = [arrow([(start, y), (end, y)], kind, is_dashed=step.is_lost)]
    if step.is_lost:
        shapes.append(
            f'<path class="bad" d="M{end - 6} {y - 6}L{end + 6} {y + 6}M{end - 6} {y + 6}L{end + 6} {y - 6}"/>'
        )
    return [*shapes, text((start + _middle(step.target)) / 2, y - 7, step.words, f"m l {kind}")]
