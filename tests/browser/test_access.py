"""For everybody: with a keyboard alone, on a phone, with a screen reader, in both themes."""

import pytest
from playwright.async_api import expect

from chat.proof.site import Person
from chat.proof.stage import Stage
from tests.browser.accessibility import grave_findings
from tests.browser.conversation import Conversation
from tests.browser.probing import probe
from tests.browser.window import DESKTOP, PHONE
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

TARGET_PIXELS = 44
"""WCAG 2.2, 2.5.5; also what the makers of phones ask for."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{"viewport": DESKTOP}, PHONE], ids=["desktop", "phone"])
async def test_the_chat_keeps_nobody_out(stage: Stage, windows: Windows, scheme: str, size: dict):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob, title="Everybody")
    stage.site.office.do("fill", group, bob.id, ["hello", "**bold** and `code`", "a [link](https://example.org)"])
    window = await windows.open(ann, color_scheme=scheme, reduced_motion="reduce", **size)
    chat = Conversation(window, group)
    found = {}

    await window.go("/")
    await expect(window.page.locator(".conversation-row")).to_be_visible()
    found["list"] = await grave_findings(window.page)
    await chat.open()
    await chat.say("my own")
    await chat.is_stored("my own")
    found["conversation"] = await grave_findings(window.page)
    await window.page.get_by_role("button", name="Members").click()
    await expect(window.page.locator(".panel")).to_be_visible()
    found["members"] = await grave_findings(window.page)
    await window.page.keyboard.press("Escape")
    await window.page.keyboard.press("Control+k")
    await expect(window.page.get_by_role("dialog")).to_be_visible()
    found["switcher"] = await grave_findings(window.page)

    assert found == {place: [] for place in found}


async def test_a_keyboard_is_enough(stage: Stage, windows: Windows):
    ann, bob, carol = stage.people("ann", "bob", "carol")
    stage.group(ann, bob, title="Apples")
    pears = stage.group(ann, carol, title="Pears")
    window = await windows.open(ann)
    chat = Conversation(window, pears)
    keys = window.page.keyboard
    await window.go("/")
    await expect(window.page.locator(".conversation-row")).to_have_count(2)

    await keys.press("Control+k")
    await expect(window.page.get_by_role("combobox")).to_be_focused()
    await keys.type("pea")
    await keys.press("Enter")
    await expect(chat.composer).to_be_focused()
    await keys.type("helo")
    await keys.press("Enter")
    await chat.is_stored("helo")
    await keys.press("ArrowUp")
    await expect(chat.composer).to_have_value("helo")
    await keys.type(" there")
    await keys.press("Enter")
    await chat.shows("helo there")

    await keys.press("Shift+Tab")
    await expect(chat.message("helo there")).to_be_focused()
    await expect(chat.message("helo there").get_by_role("button", name="Reply")).to_be_visible()
    await keys.press("Tab")
    await keys.press("Tab")
    await expect(chat.message("helo there").get_by_role("button", name="Reply")).to_be_focused()
    await keys.press("Enter")
    await expect(chat.composer).to_be_focused()
    await keys.type("I mean it")
    await keys.press("Enter")
    await expect(chat.message("I mean it").locator(".quote-text")).to_have_text("helo there")
    await keys.press("Alt+ArrowDown")
    await expect(window.page.get_by_role("heading", name="Apples").first).to_be_visible()


async def test_the_focus_can_be_seen_wherever_tab_leads(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    anns = await windows.show(stage.group(ann, bob, title="Apples"), ann, reduced_motion="reduce")
    await anns.say("something to walk over")
    await anns.is_stored("something to walk over")

    places = []
    for _ in range(16):
        await anns.page.keyboard.press("Tab")
        places.append(await probe(anns.page, "focus"))

    reached = dict(filter(None, places))
    assert [place for place, is_seen in reached.items() if not is_seen] == []
    assert {"composer", "search"} <= set(reached)
    assert len(reached) >= 6


async def test_escape_closes_what_is_open_and_the_focus_returns_to_where_it_was(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    page = (await windows.show(stage.group(ann, bob, title="Apples"), ann)).page
    openers = {
        "Settings": ".dialog",
        "New conversation": ".dialog",
        "Members": ".panel",
        "About this connection": ".panel",
    }

    for name, place in openers.items():
        opener = page.get_by_role("button", name=name, exact=True).first
        await opener.focus()
        await page.keyboard.press("Enter")
        await expect(page.locator(place)).to_be_visible()
        await page.wait_for_function("place => document.activeElement.closest(place)", arg=place)
        await page.keyboard.press("Tab")
        await page.wait_for_function("place => document.activeElement.closest(place)", arg=place)
        await page.keyboard.press("Escape")
        await expect(page.locator(place)).to_have_count(0)
        await expect(opener).to_be_focused()


async def test_who_writes_on_while_a_panel_is_open_keeps_the_focus(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    chat = await windows.show(stage.group(ann, bob, title="Apples"), ann)
    await chat.page.get_by_role("button", name="Members").click()
    await expect(chat.page.locator(".panel")).to_be_focused()
    await chat.composer.click()

    await chat.page.keyboard.press("Escape")

    await expect(chat.page.locator(".panel")).to_have_count(0)
    await expect(chat.composer).to_be_focused()


async def test_a_phone_shows_one_pane_at_a_time(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob, title="Apples")
    window = await windows.open(ann, **PHONE)
    chat, sidebar = Conversation(window, group), window.page.locator(".sidebar")
    await window.go("/")

    await window.page.locator(".conversation-row").tap()
    await expect(chat.composer).to_be_visible()
    await expect(sidebar).not_to_be_visible()
    await chat.composer.fill("from the bus")
    await window.page.get_by_role("button", name="Send").tap()
    await chat.is_stored("from the bus")
    assert await probe(window.page, "small_targets", [TARGET_PIXELS, None]) == []
    assert await window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await chat.composer.evaluate("(field) => parseFloat(getComputedStyle(field).fontSize)") >= 16

    await window.page.go_back()
    await expect(sidebar).to_be_visible()
    await expect(chat.composer).not_to_be_visible()
    assert await probe(window.page, "small_targets", [TARGET_PIXELS, None]) == []
    await window.page.locator(".conversation-row").tap()
    await window.page.get_by_role("button", name="Back to the list").tap()
    await expect(sidebar).to_be_visible()


async def test_windows_and_pages_have_targets_for_fingers_on_a_phone(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob, title="Apples")
    stage.site.office.do("fill", group, bob.id, ["hello"])
    window = await windows.open(ann, **PHONE)
    page, chat, small = window.page, Conversation(window, group), {}

    await window.go("/")
    for button in ("Settings", "New conversation"):
        await page.get_by_role("button", name=button).tap()
        await expect(page.get_by_role("dialog")).to_be_visible()
        small[button] = await probe(page, "small_targets", [TARGET_PIXELS, None])
        await page.get_by_role("button", name="Close").tap()
    await chat.open()
    await chat.message("hello").locator(".bubble").tap()
    await page.get_by_role("button", name="React").tap()
    await expect(page.get_by_role("dialog")).to_be_visible()
    small["React"] = await probe(page, "small_targets", [TARGET_PIXELS, None])
    for path in ("/accounts/preferences/", "/devices/", "/accounts/sessions/", "/accounts/email/", "/accounts/2fa/"):
        await window.go(path)
        small[path] = await probe(page, "small_targets", [TARGET_PIXELS, None])
    chinese = await windows.open(ann, locale="zh-CN", **PHONE)  # Its words are shorter.
    await chinese.go("/devices/")
    await expect(chinese.page.get_by_role("heading", name="设备")).to_be_visible()
    small["设备"] = await probe(chinese.page, "small_targets", [TARGET_PIXELS, None])

    assert small == {place: [] for place in small}


async def test_a_long_title_is_not_cut_in_the_composer_of_a_phone(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    chat = await windows.show(stage.group(ann, bob, title="The reading group for distributed systems"), ann, **PHONE)

    await expect(chat.composer).to_have_attribute("placeholder", "Write a message")
    await expect(chat.composer).to_have_accessible_name("Message to The reading group for distributed systems")
    assert await chat.composer.evaluate("(field) => field.scrollHeight - field.clientHeight") == 0


async def test_what_is_wrong_with_a_form_is_said_once_beside_it(stage: Stage, windows: Windows):
    (ann,) = stage.people("ann")
    window = await windows.open(ann, **PHONE)
    await window.go("/")

    await window.page.get_by_role("button", name="New conversation").tap()
    await window.page.get_by_label("Username").fill("nobody-here")
    await window.page.keyboard.press("Enter")

    await expect(window.page.get_by_role("alert")).to_have_text("There is no such user. Check the spelling.")
    await expect(window.page.locator(".toast")).to_have_count(0)


async def in_motion(stage: Stage, windows: Windows, wish: str) -> list[str]:
    """What moves while an answer streams, somebody types, a notice comes, and a panel and a window open."""
    ann, bob = stage.people("ann", "bob")
    office = stage.site.office
    group = stage.group(ann, bob, Person("assistant", office.do("assistant"), ""), title="Kites")
    office.do("fill", group, bob.id, [f"line {number}" for number in range(80)])
    anns, bobs = await windows.show(group, ann, reduced_motion=wish), await windows.show(group, bob, 2)
    places = [".answer", ".typing-line .dots", ".toast", ".panel", "dialog", ".jump"]
    await probe(anns.page, "watch_motion", places)

    await bobs.composer.press_sequentially("slowly", delay=30)
    await expect(anns.page.locator(".typing-line .dots")).to_be_visible()
    await anns.say("@assistant search for kites")
    await expect(anns.page.locator(".rows .message", has_text="I found")).to_have_count(1)
    await anns.page.evaluate(
        "import(document.querySelector('[rel=modulepreload][href*=toasts]').href).then((it) => it.toast('Done'))"
    )
    await expect(anns.page.locator(".toast")).to_be_visible()
    await anns.page.locator(".scroller").hover()
    await anns.page.mouse.wheel(0, -900)
    await anns.page.locator(".jump").click()
    await anns.page.get_by_role("button", name="Members").click()
    await expect(anns.page.locator(".panel")).to_be_visible()
    await anns.page.keyboard.press("Control+k")
    await expect(anns.page.get_by_role("dialog")).to_be_visible()
    await anns.page.wait_for_timeout(300)

    found = await anns.page.evaluate("motion()")
    assert sorted(found["seen"]) == sorted(places)
    return found["moving"]


async def test_who_wants_no_motion_gets_none(stage: Stage, windows: Windows):
    assert await in_motion(stage, windows, "no-preference") != []
    assert await in_motion(stage, windows, "reduce") == []


async def test_new_messages_are_announced_and_the_history_is_not(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    stage.site.office.do("fill", direct, bob.id, ["old news"])
    anns, bobs = await windows.show_each(direct, ann, bob)
    await anns.shows("old news")
    said = anns.page.get_by_role("log")
    await expect(said).to_have_text("")

    await bobs.say("fresh news")

    await expect(said).to_contain_text("fresh news")
    await expect(said).not_to_contain_text("old news")


async def test_language_and_theme_are_chosen_once_for_all_devices(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    one, other = await windows.show_each(direct, ann, ann)

    await one.page.get_by_role("button", name="Settings").click()
    await one.page.get_by_role("dialog").get_by_text("简体中文").click()
    await one.page.get_by_role("dialog").get_by_text("深色").click()

    await expect(one.page.locator("html")).to_have_attribute("lang", "zh-hans")
    for each in (one, other):
        await expect(each.page.get_by_role("button", name="发送")).to_have_count(1)
        await expect(each.page.locator("html")).to_have_attribute("data-theme", "dark")
    await one.page.reload()
    await expect(one.page.get_by_role("button", name="发送")).to_have_count(1)
    await expect(one.page.locator("html")).to_have_attribute("data-theme", "dark")
