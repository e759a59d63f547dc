"""The screenshots of the README, taken of the real thing."""

import pytest
from playwright.async_api import Browser, expect

from chat.proof.site import Person
from chat.proof.stage import Stage
from tests.browser.conversation import Conversation
from tests.browser.pictures import MOST_BYTES, keep_picture
from tests.browser.window import DESKTOP, PHONE
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

SIZES = {"desktop": {"viewport": DESKTOP}, "phone": {**PHONE, "device_scale_factor": 1.5}}
COLOURS = 8
SCHEMES = ("light", "dark")
CODE = """This is all there is to it:

```python
async with Cluster(3) as cluster:
    await cluster.kill("server_2")
```"""
NAMES = ("Ann", "Bob", "Carol", "Dave")


async def test_the_screenshots_show_what_there_is(stage: Stage, windows: Windows, chromium: Browser):
    _come_to_the_first_colour(stage)
    ann, bob, carol, dave = (_person(stage, name) for name in NAMES)
    group = await _talk(stage, windows, ann, bob, carol, dave)
    judge = await chromium.new_page()

    for size, options in SIZES.items():
        for scheme in SCHEMES:
            chat = await windows.show(group, ann, 1, color_scheme=scheme, **options)
            await chat.has_status("Enough for today. Same time tomorrow?", "Read")
            await expect(chat.page.locator(".toast")).to_have_count(0)
            assert len(await keep_picture(chat.page, f"{size}_{scheme}", judge)) <= MOST_BYTES
    await judge.close()


def _come_to_the_first_colour(stage: Stage) -> None:
    """Colours go by the numbers of people and conversations; the tests before this one have used up some."""
    someone, other = stage.people("someone", "other")
    while other.id % COLOURS:
        (other,) = stage.people("other")
    while stage.group(someone, other) % COLOURS:
        pass


def _person(stage: Stage, name: str) -> Person:
    found = stage.site.office.do("enlist", [name])[name]
    return Person(name, found["id"], found["cookies"])


async def _talk(stage: Stage, windows: Windows, ann: Person, bob: Person, carol: Person, dave: Person) -> int:
    """A day in a group, and two conversations beside it."""
    for other, said in ((dave, "The slides are on the share."), (carol, "See you at the station!")):
        stage.site.office.do("fill", stage.direct(ann, other), other.id, [said])
    group = stage.group(ann, bob, carol, dave, title="Release 1.0")
    anns, bobs, carols = await windows.show_each(group, ann, bob, carol)
    await bobs.say("Good morning! **server_2** went down at 9:02 and nobody noticed.")
    await carols.shows("Good morning! server_2 went down at 9:02 and nobody noticed.")
    await carols.say("I did: my tram was in the tunnel. Everything I wrote there arrived, once.")
    await anns.shows(*await carols.bodies.all_inner_texts())
    await anns.say(CODE)
    await bobs.say("And the 300 devices?")
    await expect(anns.bodies).to_have_count(4)
    await anns.say("All back within *three seconds*, none lost, none doubled.")
    await expect(bobs.message("And the 300 devices?")).to_be_visible()
    await _react(bobs, 4)
    await carols.say("那我们今天就可以发布了 🎉")
    await expect(anns.bodies).to_have_count(6)
    await anns.say("Enough for today. Same time tomorrow?")
    await anns.has_status("Enough for today. Same time tomorrow?", "Read")
    return group


async def _react(chat: Conversation, index: int) -> None:
    row = chat.page.locator(".rows > li", has=chat.page.locator(".body")).nth(index)
    await row.hover()
    await row.get_by_role("button", name="React").click()
    await chat.page.get_by_role("dialog").get_by_role("button").nth(1).click()
    await expect(row.locator(".reaction")).to_have_count(1)
