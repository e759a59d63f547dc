"""People talk, each on a node of their own, some on several devices at once."""

import pytest
from playwright.async_api import expect

from chat.proof.stage import Stage
from tests.browser.window import PHONE
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_two_people_talk(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns, bobs = await windows.show_each(direct, ann, bob)

    await anns.say("Lunch?")
    await bobs.shows("Lunch?")
    await bobs.say("**Yes**, at noon", "<b>no</b> hurry")

    for each in (anns, bobs):
        await each.shows("Lunch?", "Yes, at noon", "<b>no</b> hurry")
    await anns.has_status("Lunch?", "Read")


async def test_edits_reactions_replies_and_deletions_reach_the_other_side(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns, bobs = await windows.show_each(direct, ann, bob)
    await anns.say("frist", "second", "third")
    await bobs.shows("frist", "second", "third")

    await anns.act_on("frist", "Edit")
    await expect(anns.composer).to_have_value("frist")
    await anns.say("first")
    await anns.act_on("third", "Delete")
    await anns.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(bobs.page.locator(".tombstone")).to_have_count(1)  # by which the rows move under the pointer
    await bobs.act_on("second", "Reply")
    await expect(bobs.composer).to_be_focused()
    await bobs.say("an answer")

    for each in (anns, bobs):
        await each.shows("first", "second", "an answer")
        await expect(each.page.locator(".tombstone")).to_have_count(1)
        await expect(each.message("an answer").locator(".quote-text")).to_have_text("second")


async def test_a_second_device_catches_up(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    desktop = await windows.show(direct, ann, 1)
    await desktop.say("one", "two", "three")
    await desktop.shows("one", "two", "three")

    phone = await windows.show(direct, ann, 3, **PHONE)
    await phone.shows("one", "two", "three")
    await phone.say("four")

    await desktop.shows("one", "two", "three", "four")


async def test_three_devices_of_one_person_on_three_nodes_stay_one(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct, other = stage.direct(ann, bob), stage.group(ann, bob, title="Elsewhere")
    devices = await windows.show_each(other, ann, ann, ann)
    bobs = await windows.show(direct, bob, 2)
    await bobs.say("Are you there?", "Hello?")
    rows = [device.page.locator(f".conversation-row[href='/c/{direct}/']") for device in devices]
    for row in rows:
        await expect(row.locator(".count")).to_contain_text("2")

    await rows[0].click()
    for row in rows:
        await expect(row.locator(".count")).to_have_count(0)
    await devices[0].composer.press_sequentially("I will be")
    for row in rows[1:]:
        await row.click()
    for device in devices[1:]:
        await expect(device.composer).to_have_value("I will be")
    await devices[1].composer.press_sequentially(" late")
    await expect(devices[2].composer).to_have_value("I will be late")
    await devices[2].composer.press("Enter")

    for device in (*devices, bobs):
        await device.shows("Are you there?", "Hello?", "I will be late")
    for device in devices:
        await expect(device.composer).to_have_value("")


async def test_a_new_conversation_appears_at_the_other_person(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    anns, bobs = await windows.open(ann, 1), await windows.open(bob, 2)
    await anns.go("/")
    await bobs.go("/")

    await anns.page.locator(".sidebar").get_by_role("button", name="New conversation").click()
    dialog = anns.page.get_by_role("dialog")
    await dialog.get_by_text("Group", exact=True).click()
    await dialog.get_by_label("Title").fill("Friday")
    await dialog.get_by_label("Usernames").fill(bob.username)
    await dialog.get_by_role("button", name="Create").click()

    await expect(anns.page.get_by_role("heading", name="Friday").first).to_be_visible()
    await expect(bobs.page.locator(".conversation-row", has_text="Friday")).to_be_visible()
