"""What is measured in one page: entering a long conversation, scrolling through it, a burst while somebody types."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from playwright.async_api import Page

from benchmarks.browser.stage import Stage
from benchmarks.browser.talk import burst

PROBES = Path(__file__).parent / "probes"
STEP_PX = 240
KEYS_PER_SECOND = 10
ENTRIES = 5
LONG_TASK_MS = 50.0
"""Browsers tell of no shorter task."""


@dataclass
class Found:
    """Figures by name, ms where nothing else is said; each measured page adds one value."""

    figures: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def add(self, name: str, value: float) -> None:
        self.figures.setdefault(name, []).append(round(value, 1))


async def measure_history(stage: Stage, page: Page, found: Found, messages: int) -> None:
    """Enter, scroll up to the beginning and down to the end, and enter again with everything held."""
    await _probe(page, "watch")
    await _probe(page, "enter", "Room 0")
    found.add("enter first: longest task", await _longest_task(page))
    for way, step in (("up", -STEP_PX), ("down", STEP_PX)):
        seen = await _scroll(page, found, way, step)
        if len(seen) < messages:
            found.wrong.append(f"scrolling {way} showed {len(seen)} of {messages} messages")
    entries = []
    tasks = []
    for _ in range(ENTRIES):
        await _probe(page, "enter", "Short")
        await _probe(page, "watch")
        entries.append(await _probe(page, "enter", "Room 0"))
        tasks.append(await _longest_task(page))
    found.add("enter again: until shown", median(each["shown"] for each in entries))
    found.add("enter again: longest task", max(tasks))
    found.add("rows after entering", entries[-1]["rows"])
    if any(abs(each["below"]) > 2 for each in entries):
        found.wrong.append("entering did not lead to the end")


async def measure_burst(stage: Stage, page: Page, found: Found, *, per_second: int, seconds: float) -> None:
    """Somebody types while others post; afterwards the page shows what the log has."""
    title = f"Burst {len(found.figures.get('burst: posts/s', []))}"
    conversation = await stage.group(title)
    await page.locator(".conversation-row", has=page.get_by_text(title, exact=True)).click()
    await page.locator("#composer").focus()
    await _probe(page, "watch")
    typing = asyncio.create_task(_type(page))
    found.add("burst: posts/s", await burst(stage.devices, conversation, per_second=per_second, seconds=seconds))
    typing.cancel()
    typed = (await asyncio.gather(typing, return_exceptions=True))[0]
    measured = await page.evaluate("window.measured")
    found.add("burst: key until handled, longest", max(measured["waits"]))
    for name, share in (("median", 0.5), ("p95", 0.95), ("longest", 1.0)):
        found.add(f"burst: key until picture, {name}", _part(measured["pictures"], share))
    found.add("burst: longest task", max(measured["tasks"], default=LONG_TASK_MS))
    found.add("burst: tasks over 50 ms (count)", len(measured["tasks"]))
    await _compare(stage, page, found, conversation)
    if isinstance(typed, Exception):
        found.wrong.append(f"typing failed: {typed}")


async def _type(page: Page) -> None:
    while True:
        await page.keyboard.press("a")
        await asyncio.sleep(1 / KEYS_PER_SECOND)


async def _compare(stage: Stage, page: Page, found: Found, conversation: int) -> None:
    """Every message of the log is in the page once; the keys went into the composer."""
    log = [each for each in await stage.devices[0].whole_history(conversation) if each["kind"] == "text"]
    await asyncio.sleep(1)  # the page may be a moment behind
    typed = await page.locator("#composer").input_value()
    if set(typed) != {"a"}:
        found.wrong.append("the composer lost what was typed")
    way = await _probe(page, "scroll", -STEP_PX)
    shown = sorted(text for text in way["seen"].values() if text is not None)
    if shown != sorted(each["text"] for each in log):
        found.wrong.append(f"the page shows {len(shown)} messages, the log has {len(log)}")


async def _scroll(page: Page, found: Found, way: str, step: int) -> dict[str, str | None]:
    await _probe(page, "watch")
    seen = await _probe(page, "scroll", step)
    gaps = seen["gaps"]
    found.add(f"scroll {way}: frame, median", _part(gaps, 0.5))
    found.add(f"scroll {way}: frame, p95", _part(gaps, 0.95))
    found.add(f"scroll {way}: frames over 25 ms (%)", 100 * sum(gap > 25 for gap in gaps) / len(gaps))
    found.add(f"scroll {way}: frame, longest", max(gaps))
    found.add(f"scroll {way}: longest task", await _longest_task(page))
    found.add(f"scroll {way}: rows, most", seen["most"])
    return dict(seen["seen"])


async def _longest_task(page: Page) -> float:
    """At least what a browser calls long."""
    return float(await page.evaluate(f"Math.max({LONG_TASK_MS}, ...window.measured.tasks)"))


async def _probe(page: Page, name: str, argument: Any = None) -> Any:
    return await page.evaluate((PROBES / f"{name}.js").read_text(), argument)


def _part(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
