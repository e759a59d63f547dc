"""Three nodes, six people with a long, a short and a fast conversation, and a page of the first one's."""

import mimetypes
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, Route, async_playwright

from benchmarks.browser.talk import fill
from benchmarks.systems.distchat import Distchat
from benchmarks.workloads import Workload
from chat.proof.cluster import PROJECT
from chat.proof.device import Device

PEOPLE = 6
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
]
VIEW: Any = {"width": 1280, "height": 800}
SHORT_MESSAGES = 10
HASH = re.compile(r"\.[0-9a-f]{12}(?=\.[a-z]+$)")


@dataclass
class Stage:
    """The conversations by number; the devices are everybody's but the first one's, whose page is looked at."""

    system: Distchat
    browser: Browser
    devices: list[Device]
    long: int
    short: int

    async def group(self, title: str) -> int:
        """A new conversation of all."""
        members = [f"user{number}" for number in range(PEOPLE) if number != 1]
        return int((await self.devices[0].create(members, title=title))["conversation"])

    @asynccontextmanager
    async def page(self, client: Path | None) -> AsyncIterator[Page]:
        """The page in a new profile; `client` is a checkout whose client stands in for this one's."""
        address = self.system.cluster.http_url("server_1")
        context = await self.browser.new_context(viewport=VIEW, locale="en-GB")
        await context.add_cookies([{"name": "sessionid", "value": self.system.cookies[0], "url": address}])
        await context.route("**/static/**", lambda route: _serve(client or PROJECT, route))
        page = await context.new_page()
        await page.goto(address)
        await page.locator(".sidebar-foot .lamp.online").wait_for(state="attached")
        yield page
        await context.close()


@asynccontextmanager
async def staged(messages: int) -> AsyncIterator[Stage]:
    """Everything started, and `messages` in the long conversation. Raises RuntimeError without a Chromium."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise RuntimeError("Chromium is not installed (apt install chromium)")
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as directory:
        async with (
            Distchat(Workload("browser", PEOPLE, PEOPLE, 0), Path(directory)) as system,
            async_playwright() as tool,
        ):
            browser = await tool.chromium.launch(executable_path=program, headless=True, args=OPTIONS)
            devices = [await _arrive(system, number) for number in range(1, PEOPLE)]
            stage = Stage(system, browser, devices, system.conversations[0], 0)
            stage.short = await stage.group("Short")
            await fill(devices, stage.short, SHORT_MESSAGES)
            await fill(devices, stage.long, messages)
            yield stage
            for device in devices:
                await device.close()
            await browser.close()


async def _arrive(system: Distchat, number: int) -> Device:
    cookies = f"sessionid={system.cookies[number]}"
    device = Device(f"user{number}", cookies=cookies, keep="counts", is_strict=False)
    await device.connect(system.cluster.urls[number % len(system.cluster.urls)])
    return device


async def _serve(checkout: Path, route: Route) -> None:
    """The web server's part in production: the file of this checkout, with or without the name of its content."""
    name = HASH.sub("", route.request.url.partition("?")[0].partition("/static/")[2])
    file = checkout / "chat" / "static" / name
    kind = mimetypes.guess_type(file.name)[0] or "text/plain"
    if file.is_file():
        await route.fulfill(body=file.read_bytes(), content_type=kind)
    else:
        await route.fulfill(status=404)
