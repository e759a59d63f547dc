"""Text is readable by day and by night: the contrast that WCAG 2.1 asks for at level AA (1.4.3)."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

TEXT_RATIO, EDGE_RATIO = 4.5, 3.0
TEXTS = [
    ("text", "page"),
    ("text", "surface"),
    ("text", "line"),
    ("text", "tint"),
    ("text", "danger-tint"),
    ("text", "good-tint"),
    ("text-soft", "page"),
    ("text-soft", "surface"),
    ("link", "page"),
    ("link", "surface"),
    ("on-strong", "strong"),
    ("on-strong", "strong-hover"),
    ("on-tint", "tint"),
    ("danger", "surface"),
    ("danger", "danger-tint"),
]


def roles(*, by_night: bool) -> dict[str, str]:
    """Role to hexadecimal colour; what is not given twice is the same by day and by night."""
    sheet = Path(finders.find("chat/css/colours.css")).read_text()
    named = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", sheet))
    chosen = dict(re.findall(r"--([\w-]+): var\(--([\w-]+)\);", sheet))
    for role, day, night in re.findall(r"--([\w-]+): light-dark\(var\(--([\w-]+)\), var\(--([\w-]+)\)\);", sheet):
        chosen[role] = night if by_night else day
    return {role: named[name] for role, name in chosen.items()}


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_counted_as_wcag_does():
    assert (contrast("#000000", "#ffffff"), contrast("#777777", "#777777")) == (21.0, 1.0)


@pytest.mark.parametrize("by_night", [False, True], ids=["day", "night"])
def test_every_text_and_edge_stands_out(by_night: bool):
    colours = roles(by_night=by_night)
    wanted = dict.fromkeys(TEXTS, TEXT_RATIO) | {("edge", "surface"): EDGE_RATIO}
    ratios = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in wanted}
    assert {pair: round(ratio, 2) for pair, ratio in ratios.items() if ratio < wanted[pair]} == {}
