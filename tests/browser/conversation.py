"""The chat in a window: what somebody sees of a conversation there, and does in it."""

import re

from playwright.async_api import Locator, expect

from tests.browser.probing import probe
from tests.browser.window import Window

STORED = re.compile("^(Stored by the server|Delivered to a device|Read)$")


class Conversation:
    """One conversation, open in a window; waiting is done by looking until it is so."""

    def __init__(self, window: Window, number: int) -> None:
        self.window = window
        self.page = window.page
        self.number = number

    @property
    def composer(self) -> Locator:
        return self.page.locator("#composer")

    @property
    def bodies(self) -> Locator:
        """The texts of the messages in the page, from old to new."""
        return self.page.locator(".rows .message .body")

    @property
    def banner(self) -> Locator:
        return self.page.locator(".banners .banner")

    def message(self, text: str) -> Locator:
        """The row of the message with this text."""
        return self.page.locator(".rows > li", has=self.page.locator(".body").get_by_text(text, exact=True))

    async def open(self, *, seq: int | None = None) -> "Conversation":
        """Load its page, and wait until it is connected and shows its history."""
        await self.window.go(f"/c/{self.number}/" if seq is None else f"/c/{self.number}/{seq}/")
        await self.is_online()
        await expect(self.composer).to_be_visible()
        return self

    async def is_online(self) -> None:
        await expect(self.page.locator(".sidebar-foot .lamp.online")).to_have_count(1)

    async def is_connected_to(self, node: str) -> None:
        await expect(self.page.get_by_role("button", name=f"Connected to {node}", exact=True)).to_have_count(1)

    async def reload(self) -> None:
        await self.page.reload()
        await expect(self.composer).to_be_visible()

    async def say(self, *texts: str) -> None:
        """Write and send, one after the other."""
        for text in texts:
            await self.composer.fill(text)
            await self.composer.press("Enter")

    async def shows(self, *texts: str) -> None:
        """Wait until exactly these messages are there, in this order."""
        await expect(self.bodies).to_have_text(list(texts))

    async def has_status(self, text: str, status: str) -> None:
        """Wait until one's own message has got so far, in the words that a screen reader says."""
        await expect(self.message(text).get_by_role("img", name=status, exact=True)).to_be_visible()

    async def is_stored(self, text: str) -> None:
        """Wait until the server has one's own message, however much further it has got."""
        await expect(self.message(text).get_by_role("img", name=STORED)).to_be_visible()

    async def act_on(self, text: str, action: str) -> None:
        """Choose from the message's menu, and wait until it is closed."""
        menu = self.page.get_by_role("dialog", name="Message", exact=True)
        await self.message(text).hover()
        await self.message(text).get_by_role("button", name="More").click()
        await menu.get_by_role("button", name=action, exact=True).click()
        await expect(menu).to_have_count(0)

    # Scrolling

    async def scroll_to_end(self) -> None:
        """By the key for it, or the button that leads there."""
        jump = self.page.locator(".jump")
        if await jump.count():
            await jump.click()
        await self.page.evaluate("document.querySelector('.scroller').scrollTop = 1e9")
        await expect(jump).to_have_count(0)

    async def is_still(self) -> None:
        """Wait until two looks, two frames apart, find the same row in the same place."""
        before = None
        while before != (before := await self.topmost()):
            await self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    async def topmost(self) -> list[str | int]:
        """Key and height on the screen of the first row that is seen."""
        return await probe(self.page, "topmost")
