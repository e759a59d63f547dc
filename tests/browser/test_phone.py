"""On a phone: the gesture that goes back, and targets that a finger hits."""

import pytest
from playwright.async_api import Page, expect

from chat.proof.site import Person
from chat.proof.stage import Stage
from tests.browser.complaints import BROKEN_NETWORK
from tests.browser.conversation import Conversation
from tests.browser.probing import probe
from tests.browser.window import PHONE
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")


TARGET_PIXELS = 44
"""WCAG 2.2, 2.5.5; also what the makers of phones ask for."""

ALL_KINDS = (
    "hello",
    "**bold** and `code` and a [link](https://example.org) in a text",
    "https://example.org/",
    "\n\n".join(f"paragraph {number} of a long message" for number in range(40)),
)
PAGES = (
    *("/accounts/preferences/", "/accounts/password/change/", "/accounts/sessions/", "/accounts/2fa/"),
    *("/devices/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/logout/"),
)
PUBLIC_PAGES = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")

TOAST = "import(document.querySelector('[rel=modulepreload][href*=toasts]').href).then((it) => it.toast('Done'))"
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


class Fingers:
    """Gathers what a finger would miss, by the place where it was found."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.missed: dict[str, list[str]] = {}

    async def try_all(self, place: str, within: str | None = None) -> None:
        """`within`: leave out what is half hidden by what lies over it just now."""
        small = await probe(self._page, "small_targets", [TARGET_PIXELS, within])
        if small:
            self.missed[place] = small

    async def try_window(self, name: str) -> None:
        """The window of this name, which opens just now; afterwards it is closed."""
        dialog = self._page.get_by_role("dialog", name=name, exact=True)
        await expect(dialog).to_be_visible()
        await self.try_all(name)
        await self._page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await is_settled(self._page, await self._page.locator(".panel").count())


async def test_a_finger_hits_everything_in_the_chat(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    office = stage.site.office
    group = stage.group(ann, bob, Person("assistant", office.do("assistant"), ""), title="Apples")
    office.do("fill", group, bob.id, list(ALL_KINDS))
    window = await windows.open(ann, **PHONE)
    window.complaints.excuse(*BROKEN_NETWORK)
    page, chat, fingers = window.page, Conversation(window, group), Fingers(window.page)

    await window.go("/")
    await expect(page.locator(".conversation-row")).to_be_visible()
    await fingers.try_all("list")
    await page.get_by_role("button", name="New conversation").first.tap()
    await page.get_by_text("Group", exact=True).tap()
    await fingers.try_window("New conversation")
    await page.get_by_role("button", name="Settings").tap()
    await fingers.try_window("Settings")
    await page.get_by_role("button", name="Settings").tap()
    await page.get_by_role("button", name="Keyboard").tap()
    await fingers.try_window("Keyboard shortcuts")
    await page.locator(".whoami-state").tap()
    await expect(page.locator(".panel .facts")).to_be_visible()
    await fingers.try_all("connection")
    await page.locator(".panel").get_by_role("button", name="Close").tap()
    await is_settled(page)

    await page.locator(".conversation-row").tap()
    await expect(chat.message("hello")).to_be_visible()
    await fingers.try_all("conversation")
    await chat.say("```\na block of code\n```", "mine")
    await chat.is_stored("mine")
    await expect(page.locator(".copy-code")).to_be_visible()
    await fingers.try_all("block of code")
    await page.locator(".scroller").evaluate("(it) => (it.scrollTop = 0)")
    await expect(page.locator(".jump")).to_be_visible()
    await fingers.try_all("above")
    await chat.scroll_to_end()
    await page.evaluate(TOAST)
    await expect(page.locator(".toast")).to_be_visible()
    await fingers.try_all("notice", ".toasts")
    await page.locator(".toast button").tap()
    await page.keyboard.press("Control+k")
    await fingers.try_window("Switch to")
    for action, name in (("Delete", "Delete this message?"), ("Who has it", "Who has it"), ("Reply", None)):
        await open_menu(chat, "mine")
        if name is None:
            await fingers.try_all("menu")
        await (
            page.get_by_role("dialog", name="Message", exact=True).get_by_role("button", name=action, exact=True).tap()
        )
        if name is not None:
            await fingers.try_window(name)
        else:
            await expect(page.locator(".subject")).to_be_visible()
            await fingers.try_all("composer", ".composer")
            await chat.say("an answer")
            await chat.is_stored("an answer")
    await chat.message("an answer").locator(".body").tap()
    await chat.message("an answer").get_by_role("button", name="React").tap()
    await expect(page.locator(".emoji").first).to_be_visible()
    await fingers.try_all("emojis")
    await page.locator(".emoji").first.tap()
    await expect(page.locator(".reaction")).to_be_visible()
    await fingers.try_all("answer and reaction")
    await chat.composer.fill("@")
    await expect(page.locator(".mention-list")).to_be_visible()
    await fingers.try_all("mention list")
    await chat.composer.fill("")

    await page.get_by_role("button", name="Members").tap()
    await expect(page.locator(".member").first).to_be_visible()
    await fingers.try_all("members")
    await page.locator(".panel .leave").tap()
    await fingers.try_all("leaving")
    await page.locator(".panel").get_by_role("button", name="Close").tap()
    await is_settled(page)

    await window.context.set_offline(True)
    await chat.say("unsent")
    await expect(chat.banner).to_be_visible()
    await fingers.try_all("banner")
    await page.go_back()
    await page.get_by_role("button", name="Settings").tap()
    await page.get_by_role("button", name="Sign out").tap()
    await fingers.try_window("Sign out?")
    await window.context.set_offline(False)

    assert fingers.missed == {}


async def open_menu(chat: Conversation, text: str) -> None:
    await chat.message(text).locator(".body").tap()
    await chat.message(text).get_by_role("button", name="More").tap()
    await expect(chat.page.get_by_role("dialog", name="Message", exact=True)).to_be_visible()


async def test_one_tap_on_a_message_shows_what_can_be_done_with_it(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob, title="Apples")
    stage.site.office.do("fill", group, bob.id, ["hello"])
    chat = await windows.show(group, ann, **PHONE)
    await expect(chat.message("hello")).to_be_visible()
    await chat.is_still()
    box = await chat.message("hello").locator(".body").bounding_box()
    assert box is not None
    finger = await chat.window.context.new_cdp_session(chat.page)
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}

    await finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
    await chat.page.wait_for_timeout(120)
    await finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    await chat.page.wait_for_timeout(200)
    await expect(chat.message("hello").get_by_role("button", name="Reply")).to_be_visible()


async def test_a_finger_hits_everything_on_the_pages_of_an_account(stage: Stage, windows: Windows):
    (ann,) = stage.people("ann")
    small = {}
    for person, paths in ((None, PUBLIC_PAGES), (ann, PAGES)):
        window = await windows.open(person, **PHONE)
        for path in paths:
            await window.go(path)
            await window.page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
            small[path] = await probe(window.page, "small_targets", [TARGET_PIXELS, None])
            assert await window.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path

    assert small == {path: [] for path in small}


async def test_the_page_is_as_high_as_what_is_seen_of_it(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    chat = await windows.show(stage.direct(ann, bob), ann, **PHONE)

    heights = "[document.body, document.querySelector('.app')].map((each) => each.getBoundingClientRect().bottom)"

    assert await chat.page.evaluate(f"{heights}.every((bottom) => bottom === innerHeight)")
    rules = "[...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).map((rule) => rule.cssText)"
    assert await chat.page.evaluate(f"{rules}.some((text) => text.startsWith('body.chat') && text.includes('100dvh'))")
