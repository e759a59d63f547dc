"""The pictures in docs/screenshots: each is replaced when the page has come to look different, and only then."""

from base64 import b64encode
from pathlib import Path

from playwright.async_api import Page

from tests.browser.probing import probe

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
MOST_BYTES = 150_000
NOTICED = 0.005
"""Share of pixels that have to differ: the times of the messages differ in each run."""


async def keep_picture(page: Page, name: str, judge: Page) -> bytes:
    """The page as PNG, kept as `name` when there is none or it looks different; `judge` is an empty page."""
    picture = await page.screenshot(animations="disabled", caret="hide")
    file = FOLDER / f"{name}.png"
    if not file.exists() or await _difference(judge, file.read_bytes(), picture) > NOTICED:
        FOLDER.mkdir(parents=True, exist_ok=True)
        file.write_bytes(picture)
    return picture


async def _difference(judge: Page, *pictures: bytes) -> float:
    sources = [f"data:image/png;base64,{b64encode(each).decode()}" for each in pictures]
    return await probe(judge, "difference", sources)
