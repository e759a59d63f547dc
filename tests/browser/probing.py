"""Small programs that run in the page and answer what Playwright has no question for; they are in probes/."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

PROBES = Path(__file__).parent / "probes"


async def probe(page: Page, name: str, argument: Any = None) -> Any:
    """What probes/<name>.js answers."""
    return await page.evaluate((PROBES / f"{name}.js").read_text(), argument)
