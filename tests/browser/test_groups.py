"""A group and its people: who is in it, who has what, who is writing, and on which node all that arrives."""

import pytest
from playwright.async_api import expect

from chat.proof.stage import Stage
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_group_is_renamed_grows_and_shrinks_before_everybodys_eyes(stage: Stage, windows: Windows):
    ann, bob, carol = stage.people("ann", "bob", "carol")
    group = stage.group(ann, bob, title="Apples")
    anns, bobs = await windows.show_each(group, ann, bob)
    carols = await windows.open(carol, 3)
    await carols.go("/")
    await anns.page.get_by_role("button", name="Members").click()
    panel = anns.page.locator(".panel")

    await panel.get_by_label("Title").fill("Pears")
    await panel.get_by_role("button", name="Rename").click()
    await expect(bobs.page.get_by_role("heading", name="Pears").first).to_be_visible()
    await panel.get_by_label("Invite by username").fill(carol.username)
    await panel.get_by_role("button", name="Invite").click()
    row = carols.page.locator(".conversation-row", has_text="Pears")
    await expect(row).to_be_visible()
    await expect(bobs.page.locator(".pane-head")).to_contain_text("3 members")
    await panel.get_by_role("button", name=f"Remove {carol.username}").click()

    await expect(row).to_have_count(0)
    await expect(bobs.page.locator(".pane-head")).to_contain_text("2 members")
    await bobs.page.get_by_role("button", name="Members").click()
    await bobs.page.locator(".panel").get_by_role("button", name="Leave the group").click()
    await bobs.page.locator(".panel").get_by_role("group").get_by_role("button", name="Leave the group").click()
    await expect(bobs.page.locator(".conversation-row")).to_have_count(0)
    await expect(anns.page.locator(".pane-head")).to_contain_text("1 member")


async def test_one_sees_who_has_a_message_and_who_has_not(stage: Stage, windows: Windows):
    ann, bob, carol = stage.people("ann", "bob", "carol")
    group = stage.group(ann, bob, carol)
    anns, bobs = await windows.show_each(group, ann, bob)
    await anns.say("hello")
    await bobs.shows("hello")
    await anns.has_status("hello", "Read")

    await anns.act_on("hello", "Who has it")

    dialog = anns.page.get_by_role("dialog")
    await expect(dialog.locator(".who", has_text="Read by").locator("li")).to_contain_text([bob.username])
    await expect(dialog.locator(".who", has_text="On its way").locator("li")).to_contain_text([carol.username])


async def test_one_sees_who_is_writing(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns, bobs = await windows.show_each(direct, ann, bob)

    await bobs.composer.press_sequentially("Let me")
    await expect(anns.page.locator(".typing-line")).to_have_text(f"{bob.username} is typing …")
    await bobs.composer.press("Enter")

    await expect(anns.page.locator(".typing-line")).to_have_text("")
    await anns.shows("Let me")


async def test_the_page_tells_of_its_connection(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    anns = await windows.show(stage.direct(ann, bob), ann, 2)
    await anns.say("hello")
    await anns.is_stored("hello")

    await anns.page.get_by_role("button", name="About this connection").first.click()

    facts = anns.page.locator(".panel .facts")
    await expect(facts).to_contain_text("server_2")
    await expect(facts.locator(".level").first).to_have_text("up to date")
    await expect(anns.page.locator(".node-log li")).to_have_count(1)


TYPES_AT_ONCE = """() => new MutationObserver((_, observer) => {
  const field = document.querySelector(".panel .one-field input");
  if (!field) return;
  observer.disconnect();
  field.value = "Pears";
}).observe(document.body, { childList: true, subtree: true })"""


async def test_a_title_that_is_being_typed_is_not_written_over(stage: Stage, windows: Windows):
    (ann,) = stage.people("ann")
    group = stage.group(ann, title="Apples")
    here, there = await windows.show_each(group, ann, ann)
    await here.page.evaluate(TYPES_AT_ONCE)
    await here.page.get_by_role("button", name="Members").click()
    mine = here.page.locator(".panel").get_by_label("Title")
    await there.page.get_by_role("button", name="Members").click()
    theirs = there.page.locator(".panel").get_by_label("Title")

    await theirs.fill("Plums")
    await there.page.locator(".panel").get_by_role("button", name="Rename").click()
    await expect(here.page.get_by_role("heading", name="Plums").first).to_be_visible()
    await expect(mine).to_have_value("Pears")
    await here.page.locator(".panel").get_by_role("button", name="Rename").click()

    await expect(theirs).to_have_value("Pears")
    await expect(there.page.get_by_role("heading", name="Pears").first).to_be_visible()
