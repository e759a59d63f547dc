"""Tells the demo to the person at the terminal: live and in colour there, in plain lines everywhere else."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.padding import Padding
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from chat.demo.language import TABLES, Language, text_of

RULE_CHARS = 60
INDENT = 2
WIDEST = 110
GOOD, BAD = "✅", "❌"
SIMPLE = "simple_"

Rows = Sequence[Sequence[str]]


def is_plain(output: IO[str]) -> bool:
    """Whether to print lines only: no terminal, a dumb one, or NO_COLOR (https://no-color.org)."""
    return not output.isatty() or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


class Story:
    """Says things by their keys in the language tables; one line of output for each call, in both forms."""

    def __init__(
        self, output: IO[str], language: Language, *, is_simple: bool = False, plain: bool | None = None
    ) -> None:
        self.language = language
        self._is_simple = is_simple
        self._output = output
        self._is_plain = is_plain(output) if plain is None else plain
        self._console = Console(file=output, highlight=False, force_terminal=not self._is_plain)
        self._width = min(self._console.width, WIDEST)

    def text(self, key: str, **fields: Any) -> str:
        """The simple demo has words of its own for what one process without Redis shows differently."""
        own = f"{SIMPLE}{key}"
        return text_of(self.language, own if self._is_simple and own in TABLES[self.language] else key, **fields)

    def heading(self, key: str, **fields: Any) -> None:
        """A title between two rules, or in a frame."""
        text = self.text(key, **fields)
        if self._is_plain:
            rule = "=" * RULE_CHARS
            self._write(f"\n{rule}\n{text}\n{rule}")
        else:
            self._console.print()
            self._console.print(Panel(Text(text, style="bold cyan"), border_style="cyan", width=self._width))

    def line(self, key: str, *, indent: int = 0, style: str = "", **fields: Any) -> None:
        self.say(self.text(key, **fields), indent=indent, style=style)

    def good(self, key: str, **fields: Any) -> None:
        self.say(f"{GOOD} {self.text(key, **fields)}", style="green")

    def bad(self, key: str, **fields: Any) -> None:
        self.say(f"{BAD} {self.text(key, **fields)}", style="bold red")

    def gap(self) -> None:
        self.say("")

    def say(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """Print a text that is not of the tables."""
        if self._is_plain:
            self._write(" " * INDENT * indent + text)
        else:
            self._console.print(Padding(Text(text, style=style), (0, 0, 0, INDENT * indent)), width=self._width)

    def table(self, header: Sequence[str], rows: Rows) -> None:
        """Columns: texts flush left, numbers flush right."""
        if self._is_plain:
            self._write("\n".join(_plain_lines([header, *rows])))
        else:
            self._console.print(_table(header, rows), width=self._width)

    @contextmanager
    def waiting(self, key: str, rows: Callable[[], Rows] | None = None, **fields: Any) -> Iterator[None]:
        """While the block runs, show that something goes on, and a table of how far it is; in plain lines nothing."""
        if self._is_plain:
            yield
            return
        spinner = Spinner("dots", Text(self.text(key, **fields), style="dim"))

        def shown() -> Any:
            return Group(_table((), rows()), spinner) if rows else spinner

        with Live(console=self._console, get_renderable=shown, refresh_per_second=12, transient=True):
            yield

    def _write(self, text: str) -> None:
        self._output.write("\n".join(line.rstrip() for line in text.split("\n")) + "\n")
        self._output.flush()


def _table(header: Sequence[str], rows: Rows) -> Table:
    table = Table(box=None, show_header=bool(header), header_style="bold", padding=(0, 2, 0, 2))
    for place, title in enumerate(header or [""] * _columns(rows)):
        table.add_column(title, justify="right" if _is_numeric(rows, place) else "left")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _plain_lines(rows: Rows) -> list[str]:
    """Aligned by the cells that a text takes: a Chinese character takes two."""
    places = range(_columns(rows))
    widths = [max(cell_len(row[place]) for row in rows) for place in places]
    return [
        " " * INDENT + "  ".join(_padded(rows, row[place], place, widths[place]) for place in places) for row in rows
    ]


def _padded(rows: Rows, cell: str, place: int, width: int) -> str:
    padding = " " * (width - cell_len(cell))
    return padding + cell if _is_numeric(rows[1:], place) else cell + padding


def _columns(rows: Rows) -> int:
    return max((len(row) for row in rows), default=0)


def _is_numeric(rows: Rows, place: int) -> bool:
    return bool(rows) and all(row[place].isdecimal() for row in rows)
