"""Long conversations and fast ones: few rows in the page, every message seen once, and the page stays usable."""

import asyncio

import pytest
from playwright.async_api import expect

from chat.proof.stage import Stage
from tests.browser.conversation import Conversation
from tests.browser.probing import probe
from tests.browser.test_reading import long_talk
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

MESSAGES = 2000
MOST_ROWS = 300
ROWS_AT_FIRST = 50
BURST_PER_SECOND = 500
BURST_SECONDS = 3
SPEAKERS = 5


async def test_two_thousand_messages_scroll_past_once_each_in_few_rows(stage: Stage, windows: Windows, record_property):
    ann, bob = stage.people("ann", "bob")
    group = long_talk(stage, ann, bob, messages=MESSAGES)
    anns = Conversation(await windows.open(ann), group)
    await anns.open()
    await expect(anns.bodies).not_to_have_count(0)
    await anns.scroll_to_end()
    await probe(anns.page, "watch_tasks")

    way = await probe(anns.page, "scroll_up")

    assert sorted(way["texts"], key=_number) == [f"line {number + 1}" for number in range(MESSAGES)]
    assert way["most"] <= MOST_ROWS
    record_property("longest task, ms", max(await anns.page.evaluate("longTasks"), default=0))
    record_property("frame at the 95th percentile, ms", way["frames"][int(len(way["frames"]) * 0.95)])


async def test_a_long_conversation_is_entered_at_its_end_with_few_rows(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = long_talk(stage, ann, bob, messages=400)
    other = stage.group(ann, bob, title="Other")
    anns = await windows.show(group, ann)
    await anns.scroll_to_end()
    await probe(anns.page, "scroll_up")
    await anns.page.locator(f'.conversation-row[href="/c/{other}/"]').click()
    await expect(anns.page.locator(".beginning")).to_contain_text("Other")

    await anns.page.locator(f'.conversation-row[href="/c/{group}/"]').click()

    await expect(anns.message("line 400")).to_be_in_viewport(ratio=1)
    await anns.is_still()
    assert await anns.page.locator(".rows > li[data-key]").count() == ROWS_AT_FIRST
    await anns.page.locator(".scroller").hover()
    for _ in range(12):
        await anns.page.mouse.wheel(0, -400)
    await expect(anns.message("line 300")).to_have_count(1)
    assert await anns.page.locator(".rows > li[data-key]").count() <= MOST_ROWS


async def test_the_first_of_many_unread_messages_is_shown_however_far_up(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob, title="Long")
    other = stage.group(ann, bob, title="Other")
    anns = await windows.show(group, ann)
    await anns.page.locator(f'.conversation-row[href="/c/{other}/"]').click()
    await expect(anns.page.locator(".beginning")).to_contain_text("Other")
    bobs = await stage.arrive(bob)
    await asyncio.gather(*(bobs.post(group, f"line {number + 1}") for number in range(180)))
    await expect(anns.page.locator(".conversation-row .count")).to_contain_text("99+")

    await anns.page.locator(f'.conversation-row[href="/c/{group}/"]').click()

    await expect(anns.page.locator(".unread-divider")).to_be_in_viewport()
    await expect(anns.page.locator(".jump")).to_have_count(1)


async def test_a_burst_of_messages_leaves_the_page_correct_and_usable(stage: Stage, windows: Windows, record_property):
    ann, *speakers = stage.people("ann", *(f"speaker{number}" for number in range(SPEAKERS)))
    group = stage.group(ann, *speakers)
    anns = await windows.show(group, ann, 1)
    devices = [await stage.arrive(each, node=number % 3 + 1) for number, each in enumerate(speakers)]
    await probe(anns.page, "watch_tasks")

    burst = asyncio.gather(*(_speak(device, group) for device in devices))
    await anns.composer.press_sequentially("I am still able to write", delay=20)
    await burst
    await expect(anns.composer).to_have_value("I am still able to write")
    await expect(anns.composer).to_be_focused()
    await anns.composer.press("Enter")

    await anns.is_stored("I am still able to write")
    log = [each for each in stage.site.office.do("log_of", [group]) if each["kind"] == "text"]
    assert len(log) == BURST_PER_SECOND * BURST_SECONDS + 1
    await anns.scroll_to_end()
    shown = await anns.bodies.all_inner_texts()
    assert shown == [each["text"] for each in log][-len(shown) :]
    way = await probe(anns.page, "scroll_up")
    assert sorted(way["texts"]) == sorted(each["text"] for each in log)
    record_property("longest task, ms", max(await anns.page.evaluate("longTasks"), default=0))
    record_property("longest wait of a key press, ms", max(await anns.page.evaluate("inputWaits"), default=0))


async def _speak(device, group: int) -> None:
    """An equal share of the burst, spread over its seconds."""
    posts = []
    for number in range(BURST_PER_SECOND * BURST_SECONDS // SPEAKERS):
        posts.append(asyncio.create_task(device.post(group, f"{device.name} {number}")))
        await asyncio.sleep(SPEAKERS / BURST_PER_SECOND)
    await asyncio.gather(*posts)


def _number(text: str) -> int:
    return int(text.rpartition(" ")[2])
