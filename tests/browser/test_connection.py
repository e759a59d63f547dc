"""The connection that only seems to live, half open or after sleep; and the session that has ended or is another's."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import expect

from chat.proof.proxy import Proxy
from chat.proof.stage import Stage
from tests.browser.complaints import BROKEN_NETWORK
from tests.browser.conversation import Conversation
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOUR = 3_600


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(windows: Windows) -> AsyncIterator[Proxy]:
    """Stands before node 3, like the networks between a phone and a server."""
    async with Proxy("127.0.0.1", windows.port(3)) as proxy:
        yield proxy


async def through(proxy: Proxy, stage: Stage, windows: Windows) -> tuple[Conversation, Conversation]:
    """Ann's window behind the proxy, and Bob's beside it."""
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns = await windows.show(direct, ann, address=f"http://127.0.0.1:{proxy.port}")
    anns.window.complaints.excuse(*BROKEN_NETWORK)
    return anns, await windows.show(direct, bob, 2)


async def test_a_half_open_connection_is_noticed_told_and_replaced(stage: Stage, windows: Windows, proxy: Proxy):
    anns, bobs = await through(proxy, stage, windows)

    proxy.swallow()
    await anns.say("into the void")

    await expect(anns.banner).to_contain_text("The server does not answer. 1 message waits and will be sent by itself.")
    proxy.heal()
    await bobs.shows("into the void")
    await anns.is_stored("into the void")
    await expect(anns.banner).to_have_count(0)


async def test_after_sleep_a_dead_connection_is_noticed_and_nothing_is_missing(
    stage: Stage, windows: Windows, proxy: Proxy
):
    anns, bobs = await through(proxy, stage, windows)
    await anns.page.clock.install()
    await anns.reload()
    await anns.is_online()

    proxy.swallow()
    await bobs.say("while you slept")
    await bobs.is_stored("while you slept")
    await anns.page.clock.fast_forward(HOUR * 1000)
    await anns.page.clock.run_for(4 * 1000)

    await expect(anns.banner).to_be_visible()
    proxy.heal()
    await anns.shows("while you slept")
    await expect(anns.banner).to_have_count(0)


async def test_a_false_alarm_of_the_browser_costs_nothing(stage: Stage, windows: Windows, proxy: Proxy):
    anns, bobs = await through(proxy, stage, windows)
    await anns.page.get_by_role("button", name="Connected to server_3").click()

    await anns.page.evaluate("dispatchEvent(new Event('offline'))")
    await anns.say("still here")

    await bobs.shows("still here")
    await anns.is_stored("still here")
    await expect(anns.banner).to_have_count(0)
    await expect(anns.page.locator(".node-log li")).to_have_count(1)


async def test_retry_now_does_something_while_a_connection_hangs(stage: Stage, windows: Windows, proxy: Proxy):
    anns, bobs = await through(proxy, stage, windows)
    proxy.refuse()
    await expect(anns.banner).to_be_visible()
    proxy.heal()
    proxy.swallow()
    await anns.banner.get_by_role("button", name="Retry now").click()
    await expect(anns.banner).to_contain_text("Connecting …")
    proxy.heal()

    await anns.banner.get_by_role("button", name="Retry now").click()

    await expect(anns.banner).to_have_count(0)
    await anns.say("there")
    await bobs.shows("there")


async def test_a_session_that_expires_under_the_page_is_told_and_signing_in_goes_on_where_one_was(
    stage: Stage, windows: Windows, proxy: Proxy
):
    anns, bobs = await through(proxy, stage, windows)
    ann = stage.conversations[anns.number][0]
    stage.site.office.do("expire_sessions", ann.id)
    proxy.cut()
    await expect(anns.banner).to_contain_text("You are signed out.")
    await anns.say("written too late")
    await anns.has_status("written too late", "Waiting to be sent")

    await anns.banner.get_by_role("link", name="Sign in").click()
    await anns.window.fill_in_login(ann.username)

    await bobs.shows("written too late")
    await anns.shows("written too late")
    assert anns.page.url.endswith(f"/c/{anns.number}/")


async def test_who_signs_in_in_another_tab_goes_on_in_the_first(stage: Stage, windows: Windows, proxy: Proxy):
    anns, bobs = await through(proxy, stage, windows)
    ann = stage.conversations[anns.number][0]
    await anns.window.context.clear_cookies()
    proxy.cut()
    await expect(anns.banner).to_contain_text("You are signed out.")
    await anns.say("kept")

    await anns.window.sign_in_again(stage.site.office.do("log_in", ann.id))
    await anns.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    await bobs.shows("kept")
    await expect(anns.banner).to_have_count(0)


async def test_what_one_wrote_is_never_sent_as_another_who_has_signed_in(stage: Stage, windows: Windows, proxy: Proxy):
    anns, bobs = await through(proxy, stage, windows)
    ann, bob = stage.conversations[anns.number]
    proxy.refuse()
    await expect(anns.banner).to_be_visible()
    await anns.say("from ann alone")

    await anns.window.sign_in_again(stage.site.office.do("log_in", bob.id))
    proxy.heal()
    await expect(anns.banner).to_contain_text("Somebody else is signed in")
    await anns.banner.get_by_role("link", name="Go on as the other").click()
    await anns.is_online()
    await bobs.say("from bob")
    await bobs.shows("from bob")

    await anns.window.sign_in_again(stage.site.office.do("log_in", ann.id))
    await anns.open()
    await bobs.shows("from bob", "from ann alone")
    log = stage.site.office.do("log_of", [anns.number])
    assert [(each["sender"]["id"], each["text"]) for each in log if each["kind"] == "text"] == [
        (bob.id, "from bob"),
        (ann.id, "from ann alone"),
    ]
