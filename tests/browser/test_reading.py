"""Finding one's way in what was said: the divider, the way back to the end, links to a message, the counts."""

import asyncio
from itertools import pairwise

import pytest
from playwright.async_api import WebSocketRoute, expect

from chat.proof.site import Person
from chat.proof.stage import Stage
from tests.browser.conversation import Conversation
from tests.browser.probing import probe
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEPT_AFTER_MS = 1_500
"""Three times as long as the page waits before it saves what changed."""
LEAST_PAUSE_MS = 240
NOTE_DRAWINGS = """
window.drawings = [];
const note = () => drawings.push(performance.now());
new MutationObserver(note).observe(document.querySelector("link[rel=icon]"), { attributeFilter: ["href"] });"""


def long_talk(stage: Stage, *members: Person, messages: int) -> int:
    """A group in which the last of the members has said `line 1`, `line 2` …"""
    group = stage.group(*members, title="Long")
    stage.site.office.do("fill", group, members[-1].id, [f"line {number + 1}" for number in range(messages)])
    return group


async def test_unread_messages_stand_below_one_divider_and_count_in_the_title(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = long_talk(stage, ann, bob, messages=5)
    window = await windows.open(ann)
    await window.go("/")
    await expect(window.page.locator(".conversation-row .count")).to_contain_text("5")
    await expect(window.page).to_have_title("(5) distchat")

    await window.page.locator(".conversation-row").click()

    anns = Conversation(window, group)
    await expect(anns.page.locator(".unread-divider")).to_have_count(1)
    await expect(anns.message("line 1").locator(".unread-divider")).to_have_count(1)
    await expect(window.page).to_have_title("Long · distchat")
    await expect(window.page.locator(".conversation-row .count")).to_have_count(0)


async def test_a_page_that_begins_with_a_conversation_shows_where_the_unread_begins(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = long_talk(stage, ann, bob, messages=40)
    anns = await windows.show(group, ann)
    divider = anns.page.locator(".unread-divider")
    await expect(anns.message("line 1").locator(".unread-divider")).to_be_in_viewport()
    await anns.scroll_to_end()
    await expect(anns.page.locator(".conversation-row .count")).to_have_count(0)
    await anns.page.wait_for_timeout(KEPT_AFTER_MS)
    await anns.window.go("/devices/")
    stage.site.office.do("fill", group, bob.id, [f"news {number + 1}" for number in range(40)])
    is_shown = asyncio.Event()

    async def connect_late(socket: WebSocketRoute) -> None:
        await is_shown.wait()
        socket.connect_to_server()

    await anns.page.route_web_socket("**/ws/", connect_late)
    await anns.window.go(f"/c/{group}/")
    await expect(anns.message("line 40")).to_be_in_viewport()
    is_shown.set()

    await expect(anns.message("news 1").locator(".unread-divider")).to_be_in_viewport()
    await expect(anns.message("news 1").locator(".sender")).to_have_text(bob.username)
    await expect(divider).to_have_count(1)


async def test_the_icon_bears_a_badge_until_another_device_has_read(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = long_talk(stage, ann, bob, messages=3)
    window = await windows.open(ann)
    await window.go("/")
    icon = window.page.locator("link[rel=icon]")
    await expect(window.page).to_have_title("(3) distchat")
    await expect(icon).to_have_attribute("type", "image/png")
    below, above = await probe(window.page, "badge")
    assert (below > 0.5, above) == (True, 0)

    await windows.show(group, ann, 2)

    await expect(window.page).to_have_title("distchat")
    await expect(icon).to_have_attribute("type", "image/svg+xml")
    assert await probe(window.page, "badge") == [0, 0]


async def test_in_a_burst_the_icon_is_drawn_at_most_four_times_a_second(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob, title="Burst")
    window, bobs = await windows.open(ann), await windows.show(group, bob, 2)
    await window.go("/")
    await expect(window.page.locator(".conversation-row")).to_be_visible()
    await window.page.evaluate(NOTE_DRAWINGS)

    await bobs.say(*(f"line {number}" for number in range(40)))

    await expect(window.page).to_have_title("(40) distchat")
    await window.page.wait_for_timeout(600)
    drawings = await window.page.evaluate("drawings")
    assert len(drawings) >= 2
    assert min(later - sooner for sooner, later in pairwise(drawings)) >= LEAST_PAUSE_MS


async def test_who_reads_above_is_not_moved_but_told_what_is_new(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = long_talk(stage, ann, bob, messages=120)
    anns, bobs = await windows.show_each(group, ann, bob)
    await anns.scroll_to_end()
    await expect(anns.message("line 120")).to_be_in_viewport()
    await anns.page.locator(".scroller").hover()
    await anns.page.mouse.wheel(0, -900)
    await expect(anns.page.locator(".jump")).to_be_visible()
    await anns.is_still()
    place = await anns.topmost()

    await bobs.say("news", "more news")

    await expect(anns.page.locator(".jump")).to_have_text("2 new messages")
    assert await anns.topmost() == place
    await anns.page.locator(".jump").click()
    await expect(anns.message("more news")).to_be_in_viewport()
    await expect(anns.page.locator(".jump")).to_have_count(0)


async def test_who_writes_while_reading_above_sees_what_was_written(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    anns = await windows.show(long_talk(stage, ann, bob, messages=120), ann)
    await expect(anns.page.locator(".unread-divider")).to_be_in_viewport()
    await expect(anns.page.locator(".jump")).to_have_count(1)

    await anns.say("my answer")

    await expect(anns.message("my answer")).to_be_in_viewport()
    await expect(anns.page.locator(".jump")).to_have_count(0)
    await anns.is_stored("my answer")
    await expect(anns.message("my answer")).to_be_in_viewport()


async def test_a_link_to_an_old_message_shows_it_with_its_neighbours(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = long_talk(stage, ann, bob, messages=400)
    anns = Conversation(await windows.open(ann), group)
    seq = next(each["seq"] for each in stage.site.office.do("log_of", [group]) if each.get("text") == "line 70")

    await anns.open(seq=seq)

    await expect(anns.message("line 70")).to_be_in_viewport()
    await expect(anns.message("line 69")).to_be_in_viewport()
    await expect(anns.message("line 71")).to_be_in_viewport()
    await anns.page.locator(".jump").click()
    await expect(anns.message("line 400")).to_be_in_viewport()


async def test_a_conversation_of_others_is_not_there(stage: Stage, windows: Windows):
    ann, bob, eve = stage.people("ann", "bob", "eve")
    direct = stage.direct(ann, bob)
    stage.site.office.do("fill", direct, ann.id, ["a secret"])
    eves = Conversation(await windows.open(eve), direct)

    await eves.window.go(f"/c/{direct}/")

    await expect(eves.page.get_by_role("heading", name="Not found")).to_be_visible()
    assert "a secret" not in await eves.page.content()
