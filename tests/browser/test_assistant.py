"""The assistant in the page: its answer grows before one's eyes, on every device, over reloads, and can be stopped."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from chat.proof.scripted_model import GOOD, HALF, ScriptedModel, scripted_model
from chat.proof.site import Person, Site
from chat.proof.stage import Stage
from tests.browser.conversation import Conversation
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")
QUESTION = "What is the answer?"
ANSWER_MS = 30_000


def talk_of(stage: Stage, person: Person) -> int:
    return stage.direct(person, Person("assistant", stage.site.office.do("assistant"), ""))


class Pausing:
    """Windows of one person on three nodes, whose assistant stops in the middle of a sentence until it may go on."""

    def __init__(self, model: ScriptedModel, windows: list[Conversation]) -> None:
        self.model = model
        self.windows = windows

    async def says(self, text: str) -> None:
        for each in self.windows:
            await expect(each.page.locator(".answer .plain")).to_have_text(text, timeout=ANSWER_MS)


@pytest_asyncio.fixture(loop_scope="session")
async def pausing(chromium: Browser, own_site: Site) -> AsyncIterator[Pausing]:
    async with scripted_model("held") as model, own_site.cluster(3, ALLOWED_HOSTS="*", **model.environment) as nodes:
        stage, windows = Stage(own_site, nodes), Windows(chromium, own_site, nodes)
        (ann,) = stage.people("ann")
        yield Pausing(model, await windows.show_each(talk_of(stage, ann), ann, ann, ann))
        model.may_go_on.set()
        complaints = windows.complaints
        await windows.close()
        await stage.close()
        assert complaints == []
        assert "Traceback" not in own_site.log_text(nodes)


async def test_an_answer_grows_on_every_device_and_survives_a_reload(pausing: Pausing):
    laptop, phone, _ = pausing.windows

    await laptop.say(QUESTION)
    await pausing.says(HALF)
    await expect(laptop.page.get_by_text("Built-in")).to_have_count(0)
    await phone.reload()
    await pausing.says(HALF)
    pausing.model.may_go_on.set()

    for each in pausing.windows:
        await each.shows(QUESTION, GOOD)
        await expect(each.page.locator(".answer")).to_have_count(0)


async def test_what_was_said_before_a_stop_on_another_device_stays_and_can_be_asked_for_again(pausing: Pausing):
    laptop, phone, tablet = pausing.windows
    await laptop.say(QUESTION)
    await pausing.says(HALF)

    await tablet.page.get_by_role("button", name="Stop", exact=True).click()

    for each in (laptop, phone, tablet):
        await expect(each.page.locator(".answer")).to_have_count(0)
        await each.shows(QUESTION, HALF)
        await expect(each.message(HALF).get_by_text("Stopped")).to_be_visible()
    await phone.reload()
    pausing.model.may_go_on.set()
    await phone.message(HALF).get_by_role("button", name="Answer again").click()
    for each in (laptop, phone, tablet):
        await each.shows(QUESTION, GOOD)
        await expect(each.page.get_by_text("Stopped")).to_have_count(0)


async def test_a_failed_answer_says_so_after_a_reload_too_and_is_tried_again(chromium: Browser, own_site: Site):
    async with scripted_model("cut", "cut", "cut", "good") as model, own_site.cluster(1, **model.environment) as nodes:
        stage, windows = Stage(own_site, nodes), Windows(chromium, own_site, nodes)
        (ann,) = stage.people("ann")
        anns = await windows.show(talk_of(stage, ann), ann)
        await anns.say(QUESTION)
        failure = anns.page.get_by_text("There is no answer: the model failed several times.")
        await expect(failure).to_be_visible(timeout=ANSWER_MS)
        await anns.reload()
        await expect(failure).to_be_visible()

        await anns.page.get_by_role("button", name="Try again").press("Enter")

        await expect(failure).to_have_count(0)
        await anns.shows(QUESTION, GOOD)
        complaints = windows.complaints
        await windows.close()
        await stage.close()
        assert complaints == []


async def test_the_built_in_model_is_named_where_it_answers(stage: Stage, windows: Windows):
    (ann,) = stage.people("ann")
    anns = await windows.show(talk_of(stage, ann), ann)
    await anns.say("Tell me everything")
    await expect(anns.page.locator(".answer .built-in")).to_have_text("Built-in, no language model")


async def test_an_answer_is_given_again_in_its_place(stage: Stage, windows: Windows):
    (ann,) = stage.people("ann")
    anns = await windows.show(talk_of(stage, ann), ann)
    await anns.say("search for kites")
    nothing = "I found no message that says so."
    await anns.shows("search for kites", nothing)
    await anns.say("who is here?")
    await expect(anns.bodies).to_have_count(4, timeout=ANSWER_MS)

    await anns.act_on(nothing, "Answer again")

    await expect(anns.message(nothing).get_by_text("edited")).to_be_visible(timeout=ANSWER_MS)
    await expect(anns.bodies).to_have_count(4)


async def test_whoever_asks_again_before_the_answer_sees_that_it_waits(pausing: Pausing):
    laptop, phone, _ = pausing.windows
    await laptop.say(QUESTION)
    await pausing.says(HALF)

    await phone.say("And why?")

    await expect(laptop.page.get_by_text("Waiting for the answer before it …")).to_be_visible()
    pausing.model.may_go_on.set()
    for each in pausing.windows:
        await expect(each.bodies).to_have_count(4, timeout=ANSWER_MS)


async def test_an_owner_chooses_how_it_behaves_and_others_see_it(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    assistant = Person("assistant", stage.site.office.do("assistant"), "")
    group = stage.group(ann, bob, assistant)
    anns, bobs = await windows.show_each(group, ann, bob)

    await anns.page.get_by_role("button", name="Members").click()
    await expect(anns.page.get_by_text("Assistant · Built-in, no language model")).to_be_visible()
    await anns.page.get_by_label("A question while it answers").select_option("reject")
    await anns.page.get_by_label("What it should heed").fill("Be brief.")
    await anns.page.get_by_role("button", name="Save").click()
    await expect(anns.page.get_by_text("Saved.")).to_be_visible()

    await bobs.page.get_by_role("button", name="Members").click()
    await expect(bobs.page.get_by_label("A question while it answers")).to_have_value("reject")
    await expect(bobs.page.get_by_label("What it should heed")).to_have_value("Be brief.")
    await expect(bobs.page.get_by_label("What it should heed")).to_be_disabled()
