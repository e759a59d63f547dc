"""One device: a browser context with its own storage and cookies, and the page that is open in it."""

from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, Page

from chat.proof.site import PASSWORD
from tests.browser.complaints import Complaints, watch_policy

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
TIMEOUT_MS = 20_000


class Window:
    """Has a `page` at `address` (scheme, host and port); make it with `open`."""

    def __init__(self, context: BrowserContext, page: Page, address: str, complaints: Complaints | None = None) -> None:
        self.context = context
        self.page = page
        self.address = address
        self.complaints = complaints or Complaints(context)

    @classmethod
    async def open(cls, browser: Browser, address: str, *, cookies: str = "", **options: Any) -> Self:
        """`cookies` as in a Cookie header; `options` are those of Playwright's `new_context`."""
        context = await browser.new_context(**{"viewport": DESKTOP, "locale": "en-GB", **options})
        context.set_default_timeout(TIMEOUT_MS)
        await watch_policy(context)
        window = cls(context, await context.new_page(), address)
        await window.sign_in_again(cookies)
        return window

    async def sign_in_again(self, cookies: str) -> None:
        """Have these cookies from the next request on."""
        pairs = [pair.split("=", 1) for pair in cookies.split("; ") if pair]
        await self.context.add_cookies([{"name": name, "value": value, "url": self.address} for name, value in pairs])

    async def fill_in_login(self, username: str, password: str = PASSWORD) -> None:
        """On the login page, as a person does; where that leads is for the test to wait for."""
        await self.page.get_by_label("Username").fill(username)
        await self.page.locator("input[type=password]").fill(password)
        await self.page.keyboard.press("Enter")

    async def another_tab(self) -> "Window":
        """Another page of the same browser; what it complains of is told by this window."""
        return Window(self.context, await self.context.new_page(), self.address, self.complaints)

    async def go(self, path: str) -> None:
        """Open a page of the site and wait until it has loaded."""
        response = await self.page.goto(self.address + path)
        assert response is not None
        assert response.ok, f"{path}: {response.status} {await self.page.title()}"

    async def close(self) -> None:
        await self.context.close()
