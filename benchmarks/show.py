"""Prints the results: tables on a terminal, plain lines elsewhere."""

import os
import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.measuring import Figures
from benchmarks.results import Results
from benchmarks.tables import tables_of


def say(line: str) -> None:
    print(line, flush=True)


def say_figures(each: Figures) -> None:
    """One line as soon as something is measured."""
    say(
        f"  {each.system:<17} {each.deliveries_per_second:>11,.0f} deliveries/s   p50 {each.p50_ms or 0:>8.1f} ms   "
        f"p99 {each.p99_ms or 0:>8.1f} ms   {each.cpu_us_per_delivery:>6.1f} µs   "
        f"drivers {' + '.join(f'{cores:.2f}' for cores in each.driver_cores)} cores"
        f"{'' if each.is_complete else '   INCOMPLETE'}"
    )


def show(results: Results) -> None:
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ:
        say("\n" + results.as_markdown())
        return
    console = Console()
    for missed in (*results.failures, *results.skipped):
        console.print(f"[bold red]NOT MEASURED[/] {escape(missed)}")
    for title, head, rows in tables_of(results):
        table = Table(title=title, title_justify="left")
        for number, name in enumerate(head):
            table.add_column(name, justify="left" if number < 1 else "right")
        for row in rows:
            table.add_row(*(cell.replace("**", "") for cell in row))
        console.print(table)
