"""The few shapes that the drawings are made of, in colours that suit light and dark pages."""

from dataclasses import dataclass
from html import escape
from pathlib import Path

STYLE = (Path(__file__).parent / "style.css").read_text()
HEAD = 8
HALF_HEAD = 4.5


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn, and for whoever does not see it: a title and what it shows."""

    title: str
    description: str
    width: int
    height: int
    shapes: tuple[str, ...]

    def svg(self, words: dict[str, str]) -> str:
        """In the language of `words`, by the English texts; with no words in English. Raises KeyError."""
        shapes = "\n".join(self.shapes)
        for text in sorted(self.texts, key=len, reverse=True):
            if words:
                shapes = shapes.replace(f">{escape(text)}<", f">{escape(words[text])}<")
        title, description = (words.get(each, each) if words else each for each in (self.title, self.description))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img"'
            f' aria-labelledby="title desc">\n<title id="title">{escape(title)}</title>\n'
            f'<desc id="desc">{escape(description)}</desc>\n<style>\n{STYLE}</style>\n'
            f'<rect class="paper" width="{self.width}" height="{self.height}" rx="8"/>\n{shapes}\n</svg>\n'
        )

    @property
    def texts(self) -> list[str]:
        """The English texts in it."""
        return [shape.text for shape in self.shapes if isinstance(shape, Text)]


class Text(str):
    """A text element that knows its words."""

    __slots__ = ("text",)
    text: str


def text(x: float, y: float, words: str, kind: str = "") -> Text:
    made = Text(f'<text x="{x:g}" y="{y:g}" class="{kind}">{escape(words)}</text>')
    made.text = words
    return made


def box(x: float, y: float, width: float, height: float, kind: str = "") -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6" class="{kind}"/>'


def arrow(points: list[tuple[float, float]], kind: str, *, is_dashed: bool = False) -> str:
    """Along these points, the last two level or plumb, with a head at the end."""
    (before_x, before_y), (x, y) = points[-2:]
    if before_y == y:
        back = x - HEAD if x > before_x else x + HEAD
        head = f"M{back:g} {y - HALF_HEAD:g}L{x:g} {y:g}L{back:g} {y + HALF_HEAD:g}Z"
    else:
        back = y - HEAD if y > before_y else y + HEAD
        head = f"M{x - HALF_HEAD:g} {back:g}L{x:g} {y:g}L{x + HALF_HEAD:g} {back:g}Z"
    line = "M" + "L".join(f"{px:g} {py:g}" for px, py in points)
    return f'<path class="{kind}{" dash" if is_dashed else ""}" d="{line}"/><path class="head {kind}" d="{head}"/>'
