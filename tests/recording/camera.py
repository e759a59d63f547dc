"""Takes a shot of everything that can be seen, several times a second."""

import asyncio
import time
from dataclasses import dataclass, field

from playwright.async_api import Browser, Page, expect

from tests.browser.window import Window
from tests.recording.show import Show, answers

FRAMES_PER_SECOND = 3
VIEW = {"width": 352, "height": 480}
BACK_MS = 30_000
ROOM = "demo"
ASSISTANT_ROOM = "assistant"
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}


@dataclass(frozen=True, slots=True)
class Shot:
    """One moment: seconds since the beginning, lines in the terminal, and for each window its picture and lamp."""

    seconds: float
    lines: int
    pictures: tuple[bytes, ...] = ()
    lamps: tuple[bool, ...] = ()

    def shows_the_same(self, other: "Shot") -> bool:
        """In the windows."""
        return (self.pictures, self.lamps) == (other.pictures, other.lamps)


@dataclass(slots=True)
class Camera:
    """Films the lines of a show and the windows in `seats`, by the names of who looks."""

    show: Show
    seats: dict[str, tuple[str, Window]] = field(default_factory=dict)
    shots: list[Shot] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    async def film(self) -> None:
        """Until cancelled."""
        while True:
            started = time.monotonic()
            await self._shoot()
            await asyncio.sleep(max(0.02, 1 / FRAMES_PER_SECOND - (time.monotonic() - started)))

    async def _shoot(self) -> None:
        lines, seconds = len(self.show.lines), time.monotonic() - self.began
        windows = [window for _, window in self.seats.values()]
        pictures = await asyncio.gather(*(_picture(window.page) for window in windows))
        lamps = await asyncio.gather(*(answers(window.address) for window in windows))
        self.shots.append(Shot(seconds, lines, tuple(pictures), tuple(lamps)))


async def _picture(page: Page) -> bytes:
    return await page.screenshot(animations="disabled", caret="hide", scale="css")


async def take_seat(browser: Browser, show: Show, watcher: str) -> Window:
    """Log in as a person does, and open the conversation of the demo."""
    _, url = show.watchers[watcher]
    window = await Window.open(browser, url, viewport=VIEW, locale=LOCALES[show.language], color_scheme="light")
    await window.go("/")
    await window.page.locator("input[name=login], input[name=username]").first.fill(watcher)
    await window.page.locator("input[type=password]").fill(show.passwords[0])
    async with window.page.expect_navigation():
        await window.page.keyboard.press("Enter")
    await enter(window.page, ROOM)
    return window


async def comes_back(page: Page) -> None:
    """Wait until no banner says that the server cannot be reached."""
    await expect(page.locator(".banners .banner")).to_have_count(0, timeout=BACK_MS)


async def enter(page: Page, title: str) -> None:
    """Open a conversation from the list, wherever the list is on a screen of this size."""
    row = page.locator(".conversation-row", has_text=title).first
    await row.wait_for(state="attached")
    await row.evaluate("(row) => (row.closest('a') ?? row.querySelector('a') ?? row).click()")
