"""The devices page: what it says of each device, and what becomes of those that are renamed and revoked."""

import re

import pytest
from playwright.async_api import Locator, expect

from chat.proof.stage import Stage
from tests.browser.conversation import Conversation
from tests.browser.window import Window
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

AT_ONCE_MS = 1_000
"""So soon a revoked device says so: from the click, as the browser notes it, to the word on the other page."""

TELL_WHEN_REVOKED = """new Promise((told) => new MutationObserver(() => {
  if (document.querySelector("main.full-page")) told(Date.now());
}).observe(document.body, { childList: true, subtree: true }))"""


def row_of(window: Window, text: str) -> Locator:
    return window.page.locator("li.device", has_text=text)


async def manage(row: Locator) -> None:
    await row.get_by_text("Manage").click()


async def test_each_device_is_told_with_name_browser_address_node_and_when_it_was_seen(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    page = (await windows.show(direct, ann, 1)).window
    window = await windows.open(node=2)
    await window.go(f"/accounts/login/?next=/c/{direct}/")
    await window.fill_in_login(ann.username)
    there = Conversation(window, direct)
    await there.is_online()

    await page.go("/devices/")

    await expect(page.page.locator("li.device")).to_have_count(2)
    other = row_of(page, "online on server_2")
    await expect(other.get_by_role("definition").first).to_have_text(re.compile(r"^Chrome \d+ on Linux$"))
    await expect(other).to_contain_text("127.0.0.1")
    await expect(other.locator("div", has_text="Last seen").last).to_contain_text("now")
    await expect(page.page.locator("li.device").first.locator(".badge").first).to_have_text("this device")
    await expect(other.locator(".badge")).to_have_text(["online on server_2"])
    await manage(other)
    await other.get_by_label("Name").fill("Kitchen")
    await other.get_by_role("button", name="Rename").click()
    await expect(row_of(page, "Kitchen")).to_contain_text("online on server_2")
    await there.reload()
    await there.is_online()
    await page.page.reload()
    await expect(row_of(page, "Kitchen")).to_have_count(1)


@pytest.mark.parametrize("node", [1, 3])
async def test_a_revoked_device_says_so_within_a_second_wherever_it_is_connected(
    stage: Stage, windows: Windows, node: int
):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    kept, lost = await windows.show(direct, ann, 1), await windows.show(direct, ann, node)
    third = await windows.show(direct, ann, 2)
    lost.window.complaints.excuse("Failed to load resource")
    page = kept.window
    await page.go("/devices/")
    victim = await device_row(page, lost)
    await manage(victim)
    told = await lost.page.evaluate_handle(f"({{ at: {TELL_WHEN_REVOKED} }})")

    async with page.page.expect_request("**/revoke/**") as revoking:
        await victim.get_by_role("button", name="Revoke").click()
    told_at = await told.evaluate("({ at }) => at")
    request = await revoking.value

    assert told_at - request.timing["startTime"] < AT_ONCE_MS
    await expect(lost.page.get_by_role("heading", name="This device was revoked")).to_be_visible()
    assert await stored_by(lost.window) == []
    await expect(page.page.locator("li.device")).to_have_count(2)
    await third.say("still here")
    await third.is_stored("still here")
    await lost.window.page.get_by_role("link", name="Sign in").click()
    await expect(lost.page.get_by_label("Username")).to_be_visible()


async def device_row(page: Window, chat: Conversation) -> Locator:
    """The row of the device in that window, found by the id that its page has."""
    found = await chat.page.evaluate(
        """async () => {
          const outcome = (request) => new Promise((done) => { request.onsuccess = () => done(request.result); });
          const [{ name }] = await indexedDB.databases();
          const database = await outcome(indexedDB.open(name));
          const { value } = await outcome(database.transaction("keys").objectStore("keys").get("device"));
          database.close();
          return value;
        }"""
    )
    return page.page.locator("li.device", has=page.page.locator(f'form[action*="{found}"]'))


async def stored_by(window: Window) -> list[str]:
    return await window.page.evaluate("indexedDB.databases().then((all) => all.map((each) => each.name))")
