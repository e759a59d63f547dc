"""On a phone: the gesture that goes back, and targets that a finger hits."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conversation import Conversation
from tests.browser.window import PHONE
from tests.browser.windows import Windows
from tests.integration.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


IS_COHERENT = """() => {
  const isOpen = document.querySelector("#composer")?.checkVisibility() ?? false;
  const covers = document.querySelectorAll(".panel, dialog").length;
  return isOpen === location.pathname.startsWith("/c/") && covers === (history.state?.over ?? 0);
}"""


async def is_settled(page: Page, over: int = 0) -> None:
    """Wait until the history knows how much lies over the page."""
    await page.wait_for_function("over => (history.state?.over ?? 0) === over", arg=over)


async def test_back_closes_what_lies_over_the_page_before_it_leaves_it(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob, title="Apples")
    window = await windows.open(ann, **PHONE)
    page, chat = window.page, Conversation(window, group)
    panel, dialog, sidebar = page.locator(".panel"), page.get_by_role("dialog"), page.locator(".sidebar")
    await window.go("/")
    await page.locator(".conversation-row").tap()

    await page.get_by_role("button", name="Members").tap()
    await expect(panel).to_be_visible()
    await is_settled(page, over=1)
    await page.go_back()
    await expect(panel).to_have_count(0)
    await expect(chat.composer).to_be_visible()

    await page.get_by_role("button", name="Members").tap()
    await is_settled(page, over=1)
    await panel.get_by_role("button", name="Close").tap()
    await expect(panel).to_have_count(0)
    await is_settled(page)
    await page.go_back()
    await expect(sidebar).to_be_visible()

    await page.get_by_role("button", name="Settings").tap()
    await expect(dialog).to_be_visible()
    await is_settled(page, over=1)
    await page.go_back()
    await expect(dialog).to_have_count(0)
    await expect(sidebar).to_be_visible()


async def test_a_new_conversation_opens_from_its_window_and_back_leads_to_the_list(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    window = await windows.open(ann, **PHONE)
    page = window.page
    await window.go("/")
    await page.get_by_role("button", name="New conversation").first.tap()
    await page.get_by_role("dialog").get_by_label("Username").fill(bob.username)
    await page.get_by_role("button", name="Create").tap()
    await expect(page.locator("#composer")).to_be_visible()
    await is_settled(page)

    await page.go_back()

    await expect(page.locator(".sidebar")).to_be_visible()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_back_and_forward_in_haste_leave_a_page_that_is_one_with_its_address(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob, title="Apples")
    window = await windows.open(ann, **PHONE)
    page, chat = window.page, Conversation(window, group)
    await window.go("/")
    await page.locator(".conversation-row").tap()
    await page.get_by_role("button", name="Members").tap()
    await is_settled(page, over=1)

    for step in (-1, -1, 1, 1, -1, 1):
        await page.evaluate("step => new Promise(done => { history.go(step); setTimeout(done, 30); })", step)
    await page.wait_for_function(IS_COHERENT)
    await chat.open()
    await expect(page.locator(".panel")).to_have_count(0)
    await is_settled(page)
