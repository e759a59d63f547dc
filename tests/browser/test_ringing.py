"""Desktop notifications: of several devices and tabs of one person, one rings."""

from typing import Any

import pytest
from playwright.async_api import expect

from chat.proof.site import Person
from chat.proof.stage import Stage
from tests.browser.conversation import Conversation
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOBODY_LOOKS = """
document.hasFocus = () => false;
if (location.protocol !== "about:") localStorage.setItem("distchat.notifications", "on");
window.rung = [];
window.Notification = class {
  static permission = "granted";
  constructor(title, { body }) { rung.push(`${title}: ${body}`); }
  close() {}
};"""


async def unattended(windows: Windows, person: Person, node: int, conversation: int) -> Conversation:
    """A window that nobody looks at, allowed to ring, and whose time the test moves on."""
    window = await windows.open(person, node)
    await window.context.add_init_script(NOBODY_LOOKS)
    await window.context.clock.install()
    return await Conversation(window, conversation).open()


async def rung_after(seconds: int, *chats: Conversation) -> list[Any]:
    """What each window has rung, when so much time has passed for all pages of its browser."""
    for context in {chat.window.context for chat in chats}:
        await context.clock.run_for(seconds * 1000)
    return [await chat.page.evaluate("rung") for chat in chats]


async def has_come(*chats: Conversation, text: str) -> None:
    for chat in chats:
        await expect(chat.page.locator(".conversation-row", has_text=text)).to_have_count(1)


async def test_the_device_that_was_used_last_rings_and_the_other_only_when_nothing_happens(
    stage: Stage, windows: Windows
):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    laptop = await unattended(windows, ann, 1, direct)
    phone = await unattended(windows, ann, 2, direct)
    bobs = await windows.show(direct, bob, 3)
    await phone.say("used")
    await laptop.shows("used")

    await bobs.say("anybody there?")
    await has_come(laptop, phone, text="anybody there?")

    rung = f"{bob.username}: anybody there?"
    assert await rung_after(5, laptop, phone) == [[], [rung]]
    assert await rung_after(30, laptop, phone) == [[rung], [rung]]


async def test_what_is_read_on_one_device_rings_on_no_other(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    laptop = await unattended(windows, ann, 1, direct)
    bobs = await windows.show(direct, bob, 3)
    looked_at = await windows.show(direct, ann, 2)

    await bobs.say("read at once")
    await looked_at.shows("read at once")
    await bobs.has_status("read at once", "Read")
    await expect(laptop.page.locator(".conversation-row .count")).to_have_count(0)

    assert await rung_after(60, laptop) == [[]]


async def test_of_two_tabs_one_rings(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    first = await unattended(windows, ann, 1, direct)
    second = await Conversation(await first.window.another_tab(), direct).open()
    bobs = await windows.show(direct, bob, 2)

    await bobs.say("ding")
    await has_come(first, second, text="ding")

    rung = await rung_after(60, first, second)
    assert sorted(rung) == [[], [f"{bob.username}: ding"]]
