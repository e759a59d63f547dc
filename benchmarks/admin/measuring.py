"""Opens pages as a browser does, and counts what each asks of the database."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import httpx
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from benchmarks.admin.pages import Page

BUDGET_MS = 300.0


@dataclass(frozen=True, slots=True)
class Figure:
    """The median and the longest of some visits, and the queries of one."""

    page: Page
    median_ms: float
    longest_ms: float
    queries: int


class Visitor:
    """The first user, who is a superuser, in a browser and in this process."""

    def __init__(self, base: str) -> None:
        self._client = Client(SERVER_NAME="127.0.0.1")
        self._client.force_login(User.objects.order_by("pk")[0], backend=settings.AUTHENTICATION_BACKENDS[0])
        cookie = {"sessionid": self._client.cookies["sessionid"].value}
        self._browser = httpx.Client(base_url=base, cookies=cookie, timeout=120, trust_env=False)

    def visit(self, page: Page, times: int) -> Figure:
        """Raises RuntimeError for a page that is none. The first visit is not counted."""
        spent = [self._seconds(page) * 1e3 for _ in range(times + 1)][1:]
        with CaptureQueriesContext(connection) as captured:
            self._client.get(page.path)
        return Figure(page, median(spent), max(spent), len(captured))

    def close(self) -> None:
        self._browser.close()

    def _seconds(self, page: Page) -> float:
        began = time.perf_counter()
        answer = self._browser.get(page.path)
        spent = time.perf_counter() - began
        if answer.status_code != 200:
            raise RuntimeError(f"{page.path}: {answer.status_code} {answer.headers.get('location', '')}")
        return spent


@contextmanager
def visiting(base: str) -> Iterator[Visitor]:
    visitor = Visitor(base)
    try:
        yield visitor
    finally:
        visitor.close()


def as_table(figures: Sequence[Figure]) -> str:
    """One line for each kind of page, in Markdown: the slowest of its pages."""
    lines = [
        "| table | page | pages | slowest median ms | slowest visit ms | queries |",
        "| --- | --- " + "| ---: " * 4 + "|",
    ]
    kinds = dict.fromkeys((each.page.table, each.page.what) for each in figures)
    for table, what in kinds:
        found = [each for each in figures if (each.page.table, each.page.what) == (table, what)]
        slow, longest = max(each.median_ms for each in found), max(each.longest_ms for each in found)
        counts = sorted({each.queries for each in found})
        queries = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]}-{counts[-1]}"
        lines.append(f"| {table} | {what} | {len(found)} | {slow:.0f} | {longest:.0f} | {queries} |")
    return "\n".join(lines)
