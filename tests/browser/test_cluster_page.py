"""The cluster page in a browser: live, under the strict policy, by keyboard, on a phone, in both languages."""

import asyncio
import re
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Locator, Page, expect

from chat.proof.site import Person
from chat.proof.stage import Stage
from tests.browser.accessibility import grave_findings
from tests.browser.window import PHONE, Window
from tests.browser.windows import Windows
from tests.integration.cluster_page import ANNOUNCE, CHANGE, PAGE, VIEW, staff

pytestmark = pytest.mark.asyncio(loop_scope="session")

DOTS = ".cluster-dots circle"


async def look(windows: Windows, person: Person, node: int = 1, **options) -> Window:
    """The page, with its three nodes."""
    window = await windows.open(person, node, **options)
    await window.go(PAGE)
    await expect(window.page.locator("tr[data-node]")).to_have_count(3)
    await expect(window.page.locator(".cluster-store")).to_have_count(2)
    return window


def figure(page: Page, node: str, name: str) -> Locator:
    return page.locator(f'tr[data-node="{node}"] td[data-figure="{name}"]')


def state(page: Page, node: str) -> Locator:
    return page.locator(f'tr[data-node="{node}"] .cluster-state')


@asynccontextmanager
async def talk(stage: Stage):
    """Two people on two nodes, one of whom writes all the time."""
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    writer, reader = await stage.arrive(ann, 1), await stage.arrive(bob, 2)

    async def write() -> None:
        while True:
            await writer.post(group, "hello")
            await asyncio.sleep(0.1)

    writing = asyncio.create_task(write())
    try:
        yield
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await stage.level(writer, reader, conversations=[group])


async def test_the_page_lives_without_a_reload(stage: Stage, windows: Windows):
    window = await look(windows, staff(stage.site, VIEW))
    page = window.page
    await expect(page.locator(".cluster-link")).to_have_text("Live, from server_1")
    await expect(page.locator(DOTS)).to_have_count(0)
    await expect(page.get_by_role("button", name=re.compile("Drain|Announce"))).to_have_count(0)

    async with talk(stage):
        await expect(figure(page, "server_1", "connections")).not_to_have_text("0")
        await expect(figure(page, "server_1", "messages_short")).to_have_text(re.compile(r"^[1-9]"))
        await expect(figure(page, "server_2", "deliveries_short")).to_have_text(re.compile(r"^[1-9]"))
        for way in ("up", "store", "out", "down"):
            await expect(page.locator(f"{DOTS}.way-{way}").first).to_be_attached()
        await page.get_by_role("button", name="Stop the motion").click()
        await expect(page.locator(DOTS)).to_have_count(0)
        await page.wait_for_timeout(1500)
        assert await page.locator(DOTS).count() == 0
    await expect(figure(page, "server_1", "messages_short")).to_have_text("0")


async def test_who_wants_no_motion_gets_figures_alone(stage: Stage, windows: Windows):
    window = await look(windows, staff(stage.site, VIEW), reduced_motion="reduce")
    async with talk(stage):
        await expect(figure(window.page, "server_1", "messages_short")).to_have_text(re.compile(r"^[1-9]"))
        assert await window.page.locator(DOTS).count() == 0
        described = window.page.get_by_role("img", name=re.compile("3 nodes, 3 of which take devices"))
        await expect(described).to_be_visible()


async def test_a_node_is_drained_and_undrained_by_the_keyboard(stage: Stage, windows: Windows):
    window = await look(windows, staff(stage.site, VIEW, CHANGE))
    page = window.page
    button = page.get_by_role("button", name="Drain server_3")
    await button.focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Drain server_3")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(button).to_be_focused()
    await expect(state(page, "server_3")).to_have_text("takes devices")

    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await grave_findings(page) == []
    await page.keyboard.press("Enter")
    await expect(dialog).to_have_count(0)
    await expect(state(page, "server_3")).to_have_text("drained")
    await expect(page.get_by_role("log")).to_contain_text("server_3 is drained.")
    assert await grave_findings(page) == []

    await page.get_by_role("button", name="Undrain server_3").click()
    await page.get_by_role("dialog").get_by_role("button", name="Undrain").click()
    await expect(state(page, "server_3")).to_have_text("takes devices")


async def test_an_announcement_goes_to_every_window_and_can_be_put_away(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    root = staff(stage.site, VIEW, ANNOUNCE)
    chat = await windows.show(group, ann, 2)
    window = await look(windows, root)
    text = "At noon we restart.\n<img src=x onerror=alert(1)> **Nothing** is lost."

    await window.page.get_by_label("What all devices shall show").fill(text)
    await window.page.get_by_role("button", name="Announce").click()
    await window.page.get_by_role("dialog").get_by_role("button", name="Announce").click()
    banner = chat.page.locator(".banner.announced")
    await expect(banner).to_contain_text("<img src=x onerror=alert(1)> **Nothing** is lost.")
    await expect(window.page.locator(".cluster-announced")).to_contain_text("At noon we restart.")
    assert await grave_findings(chat.page) == []

    late = await windows.show(group, bob, 3)
    await expect(late.page.locator(".banner.announced")).to_be_visible()
    await banner.get_by_role("button", name="Put away").click()
    await expect(banner).to_have_count(0)
    await chat.page.reload()
    await expect(chat.page.locator(".bodies, .body, .rows").first).to_be_attached()
    await chat.page.wait_for_timeout(1000)
    await expect(banner).to_have_count(0)

    await window.page.get_by_role("button", name="Take back").click()
    await window.page.get_by_role("dialog").get_by_role("button", name="Take back").click()
    await expect(late.page.locator(".banner.announced")).to_have_count(0)
    await expect(window.page.locator(".cluster-announced")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("language", "title"), [("en-GB", "Cluster"), ("zh-CN", "集群")])
async def test_the_page_keeps_nobody_out(stage: Stage, windows: Windows, scheme: str, language: str, title: str):
    person = staff(stage.site, VIEW, CHANGE, ANNOUNCE)
    window = await look(windows, person, color_scheme=scheme, locale=language)
    await expect(window.page.get_by_role("heading", level=1)).to_have_text(title)
    assert await grave_findings(window.page) == []


async def test_on_a_phone_nothing_lies_beside_the_screen(stage: Stage, windows: Windows):
    window = await look(windows, staff(stage.site, VIEW, CHANGE, ANNOUNCE), **PHONE)
    page = window.page
    width, screen = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= screen
    heights = await page.locator("#cluster button, #cluster select").evaluate_all(
        "all => all.map(each => each.getBoundingClientRect().height)"
    )
    assert min(heights) >= 44
    assert await grave_findings(page) == []


async def test_the_admin_leads_to_the_page(stage: Stage, windows: Windows):
    window = await windows.open(staff(stage.site, VIEW))
    await window.go("/admin/")
    await window.page.get_by_role("link", name="Cluster").click()
    await expect(window.page.locator("tr[data-node]")).to_have_count(3)
