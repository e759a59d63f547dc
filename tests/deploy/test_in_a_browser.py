"""A production site as a browser sees it, through each proxy: TLS, login, page, socket, static files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Response, async_playwright, expect

from chat.proof.stage import Stage
from tests.browser.chromium import MISSING, chromium_program, start_chromium
from tests.browser.conversation import Conversation
from tests.browser.window import Window
from tests.deploy.production import ProductionNodes, ProductionSite
from tests.deploy.proxies import PROXIES, Proxy

pytestmark = pytest.mark.asyncio(loop_scope="session")

PATIENCE_MS = 20_000


@pytest_asyncio.fixture(loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    program = chromium_program()
    if program is None:
        pytest.skip(MISSING)
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await start_chromium(playwright, program)
        yield browser
        await browser.close()


@pytest.mark.parametrize("kind", PROXIES, ids=lambda kind: kind.program)
async def test_people_log_in_and_talk_through_a_proxy(
    production: tuple[ProductionSite, ProductionNodes], kind: type[Proxy], chromium: Browser, tmp_path: Path
):
    site, nodes = production
    proxy = nodes.proxy(kind)
    stage = Stage(site, nodes)
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob, title="Behind a proxy")
    windows = [await Window.open(chromium, proxy.url, ignore_https_errors=True) for _ in range(2)]
    seen: list[Response] = []
    windows[0].page.on("response", lambda response: seen.append(response))
    chats = []
    for window, person in zip(windows, (ann, bob), strict=True):
        await window.page.goto(f"{proxy.url}/c/{group}/")
        await window.fill_in_login(person.username)
        chat = Conversation(window, group)
        await chat.is_online()
        chats.append(chat)
    anns, bobs = chats

    await anns.say("Hello through TLS")
    await expect(bobs.message("Hello through TLS")).to_be_visible()
    await anns.is_stored("Hello through TLS")
    await anns.page.screenshot(path=tmp_path / "page.png")

    assert [complaint for window in windows for complaint in window.complaints.found] == []
    cookies = {each["name"]: each for each in await windows[0].context.cookies()}
    assert {"sessionid", "csrftoken"} <= set(cookies)
    assert {name for name, cookie in cookies.items() if not cookie["secure"]} <= {"messages"}
    await same_everywhere(seen)
    for window in windows:
        await window.close()


async def same_everywhere(seen: list[Response]) -> None:
    """Nothing came by plain HTTP or failed; scripts came with names and headers to be kept for ever."""
    assert {each.url.partition(":")[0] for each in seen} == {"https"}
    assert [each.url for each in seen if each.status >= 400] == []
    scripts = [each for each in seen if "/static/chat/" in each.url and each.url.partition("?")[0].endswith("js")]
    assert len(scripts) >= 10
    kept = [await each.header_value("cache-control") for each in scripts]
    assert set(kept) == {"public, max-age=31536000, immutable"}
