"""What axe-core has to say about a page; serious is what keeps people out, moderate what makes it hard."""

from functools import cache
from pathlib import Path

from playwright.async_api import Page

from tests.browser.probing import probe

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
GRAVE = {"moderate", "serious", "critical"}


@cache
def _source() -> str:
    return AXE.read_text()


async def grave_findings(page: Page) -> list[str]:
    """One line for each moderate, serious or critical rule that the page breaks, with the first places."""
    await page.evaluate(_source())
    rules = await probe(page, "axe")
    return [f"{rule['id']}: {'; '.join(rule['nodes'][:4])}" for rule in rules if rule["impact"] in GRAVE]
