"""What goes wrong outside of the page, and what the page makes of it: nothing lost or doubled, an answer to all."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Dialog, expect

from chat.proof.proxy import Proxy
from chat.proof.stage import Stage
from tests.browser.chromium import LAN_NAME
from tests.browser.complaints import BROKEN_NETWORK, INSECURE_ORIGIN
from tests.browser.conversation import Conversation
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")


FORBID_STORAGE = """
Object.defineProperty(window, "indexedDB", { get() { throw new DOMException("no", "SecurityError"); } });"""
FORBID_WEB_STORAGE = """
for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
}"""
FILL_STORAGE = """() => {
  const refuse = () => { throw new DOMException("full", "QuotaExceededError"); };
  const [{ put, add }, { setItem }] = [IDBObjectStore.prototype, Storage.prototype];
  Object.assign(IDBObjectStore.prototype, { put: refuse, add: refuse });
  Storage.prototype.setItem = refuse;
  window.makeRoom = () => {
    Object.assign(IDBObjectStore.prototype, { put, add });
    Storage.prototype.setItem = setItem;
  };
}"""
WRONG_BY = """
const RightDate = Date;
const aheadMs = %d * 3600 * 1000;
globalThis.Date = class extends RightDate {
  constructor(...all) { super(...(all.length ? all : [RightDate.now() + aheadMs])); }
  static now() { return RightDate.now() + aheadMs; }
};"""
SEND_NOTHING = """() => {
  const { send } = WebSocket.prototype;
  WebSocket.prototype.send = function (data) { if (!data.includes('"post"')) send.call(this, data); };
}"""
YEARS_AHEAD = """
const now = Date.now;
Date.now = () => now() + 3 * 365 * 24 * 3600 * 1000;"""


@pytest_asyncio.fixture(loop_scope="session")
async def proxy(windows: Windows) -> AsyncIterator[Proxy]:
    """Stands before node 3, as a load balancer does: the browser knows its address alone."""
    async with Proxy("127.0.0.1", windows.port(3)) as proxy:
        yield proxy


def texts_in_log(stage: Stage, conversation: int) -> list[str]:
    return [each["text"] for each in stage.site.office.do("log_of", [conversation]) if each["kind"] == "text"]


async def test_what_is_written_offline_is_sent_once_and_in_order_when_back(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns, bobs = await windows.show_each(direct, ann, bob)
    anns.window.complaints.excuse(*BROKEN_NETWORK)
    await anns.say("before")
    await bobs.shows("before")

    await anns.window.context.set_offline(True)
    await expect(anns.banner).to_contain_text("This device seems to be offline.")
    await expect(anns.banner).to_contain_text("This device is offline.")
    await bobs.say("meanwhile")
    await bobs.is_stored("meanwhile")
    await anns.say("one", "two", "three")
    await anns.has_status("three", "Waiting to be sent")
    await expect(anns.banner).to_contain_text("3 messages wait")
    await anns.window.context.set_offline(False)

    await bobs.shows("before", "meanwhile", "one", "two", "three")
    await anns.shows("before", "meanwhile", "one", "two", "three")
    await expect(anns.banner).to_have_count(0)
    assert texts_in_log(stage, direct) == ["before", "meanwhile", "one", "two", "three"]


async def test_a_page_whose_scripts_do_not_come_says_so_and_offers_to_reload(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    window = await windows.open(ann)
    window.complaints.excuse(*BROKEN_NETWORK)
    chat = Conversation(window, stage.direct(ann, bob))
    await window.page.route("**/state/store.*js", lambda route: route.abort())
    await window.go(f"/c/{chat.number}/")
    await expect(window.page.get_by_text("The page does not start.")).not_to_be_visible()

    await window.page.evaluate("document.getAnimations().forEach((each) => each.finish())")

    await expect(window.page.get_by_text("The page does not start.")).to_be_visible()
    await expect(window.page.get_by_text("JavaScript is needed")).not_to_be_visible()
    await window.page.unroute_all()
    await window.page.get_by_role("link", name="Reload").click()

    await chat.is_online()
    await expect(window.page.get_by_text("The page does not start.")).to_have_count(0)


async def test_a_killed_node_and_a_reload_lose_and_double_nothing(stage: Stage, windows: Windows, proxy: Proxy):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns = await windows.show(direct, ann, address=f"http://127.0.0.1:{proxy.port}")
    bobs = await windows.show(direct, bob, 2)
    anns.window.complaints.excuse(*BROKEN_NETWORK)
    await anns.say("before")
    await bobs.shows("before")

    await stage.cluster.kill("server_3")
    try:
        await anns.say("one", "two", "three")
        await anns.has_status("three", "Waiting to be sent")
        await bobs.say("meanwhile")
        await bobs.is_stored("meanwhile")
        proxy.target = ("127.0.0.1", windows.port(1))
        await anns.reload()

        await bobs.shows("before", "meanwhile", "one", "two", "three")
        await anns.shows("before", "meanwhile", "one", "two", "three")
        await anns.has_status("three", "Read")
        assert texts_in_log(stage, direct) == ["before", "meanwhile", "one", "two", "three"]
    finally:
        await stage.cluster.restart("server_3")


async def test_a_device_moves_to_another_node_by_itself(stage: Stage, windows: Windows, proxy: Proxy):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns = await windows.show(direct, ann, address=f"http://127.0.0.1:{proxy.port}")
    bobs = await windows.show(direct, bob, 2)
    anns.window.complaints.excuse(*BROKEN_NETWORK)
    await anns.is_connected_to("server_3")

    proxy.refuse()
    await expect(anns.banner).to_be_visible()
    await bobs.say("one", "two")
    await bobs.is_stored("two")
    await anns.say("three")
    proxy.target = ("127.0.0.1", windows.port(1))
    proxy.heal()

    await anns.is_connected_to("server_1")
    await anns.shows("one", "two", "three")
    await bobs.shows("one", "two", "three")


async def test_a_revoked_device_says_so(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    lost, kept = await windows.show_each(direct, ann, ann)
    lost.window.complaints.excuse("Failed to load resource")

    await kept.window.go("/devices/")
    await kept.page.get_by_role("button", name="Revoke all others").click()

    await expect(lost.page.get_by_role("heading", name="This device was revoked")).to_be_visible()
    await kept.open()
    await kept.say("still here")
    await kept.is_stored("still here")


async def test_an_ended_session_asks_to_sign_in_and_keeps_what_was_written(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns = await windows.show(direct, ann)
    anns.window.complaints.excuse(*BROKEN_NETWORK)
    await anns.window.context.set_offline(True)
    await anns.say("written before I noticed")
    await anns.has_status("written before I noticed", "Waiting to be sent")
    stage.site.office.do("set_password", ann.id)
    await anns.window.context.set_offline(False)
    await expect(anns.banner).to_contain_text("signed out")

    await anns.window.sign_in_again(stage.site.office.do("log_in", ann.id))
    await anns.reload()

    await anns.shows("written before I noticed")
    await anns.is_stored("written before I noticed")


async def test_a_page_at_a_lan_address_without_tls_works(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    window = await windows.open(ann, address=f"http://{LAN_NAME}:{windows.port(1)}")
    window.complaints.excuse(*INSECURE_ORIGIN)
    anns = await Conversation(window, direct).open()
    bobs = await windows.show(direct, bob, 2)
    missing = "[isSecureContext, 'randomUUID' in crypto, 'locks' in navigator, 'serviceWorker' in navigator]"
    assert await anns.page.evaluate(missing) == [False] * 4

    await anns.say("from the kitchen")
    await bobs.shows("from the kitchen")
    await bobs.say("from the attic")

    for each in (anns, bobs):
        await each.shows("from the kitchen", "from the attic")
    await anns.page.reload()
    await anns.shows("from the kitchen", "from the attic")


async def test_a_browser_that_forbids_storage_still_talks_and_says_so(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    window = await windows.open(ann)
    await window.page.add_init_script(FORBID_STORAGE)
    anns = await Conversation(window, direct).open()

    await anns.say("anyway")

    await anns.is_stored("anyway")
    await expect(anns.banner).to_contain_text("keeps nothing here")


async def test_a_disk_that_fills_up_stops_nobody_and_is_told_until_there_is_room_again(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    anns = await windows.show(stage.direct(ann, bob), ann)
    await anns.page.evaluate(FILL_STORAGE)

    await anns.say("anyway")

    await anns.is_stored("anyway")
    await expect(anns.banner).to_contain_text("no space left")
    await anns.page.evaluate("makeRoom()")
    await anns.say("room again")
    await expect(anns.banner).to_have_count(0)
    await anns.reload()
    await anns.shows("anyway", "room again")


async def test_a_clock_that_is_years_ahead_harms_nothing(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    window = await windows.open(ann)
    await window.page.add_init_script(YEARS_AHEAD)
    anns, bobs = await Conversation(window, direct).open(), await windows.show(direct, bob, 2)

    await bobs.say("what time is it?")
    await anns.shows("what time is it?")
    await anns.say("late")

    for each in (anns, bobs):
        await each.shows("what time is it?", "late")
    await anns.has_status("late", "Read")


@pytest.mark.parametrize("hours", [-30, 30])
async def test_today_is_today_where_the_clock_is_wrong(stage: Stage, windows: Windows, hours: int):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    stage.site.office.do("fill", direct, bob.id, ["old"])
    window = await windows.open(ann)
    await window.page.add_init_script(WRONG_BY % hours)
    anns, bobs = await Conversation(window, direct).open(), await windows.show(direct, bob, 2)
    window.complaints.excuse(*BROKEN_NETWORK)
    times, days = ".rows > li time", ".day"

    await expect(anns.page.locator(days)).to_have_text(["Today"])
    await window.context.set_offline(True)
    await anns.say("mine")
    await expect(anns.page.locator(days)).to_have_text(["Today"])
    await expect(anns.banner).to_contain_text("This device is offline.")
    await window.context.set_offline(False)
    await bobs.shows("old", "mine")
    await bobs.say("yours")
    await anns.shows("old", "mine", "yours")

    for each in (anns, bobs):
        await expect(each.page.locator(days)).to_have_text(["Today"])
        await expect(each.page.locator(".row-time")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    shown = [
        [await time.get_attribute("datetime") for time in await each.page.locator(times).all()] for each in (anns, bobs)
    ]
    assert shown[0] == shown[1] == sorted(shown[0])


async def test_at_midnight_today_becomes_yesterday(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    stage.site.office.do("fill", direct, bob.id, ["good night"])
    window = await windows.open(ann)
    await window.page.clock.install()
    anns = await Conversation(window, direct).open()
    await expect(anns.page.locator(".day")).to_have_text(["Today"])

    await anns.page.clock.fast_forward("24:00:00")

    await expect(anns.page.locator(".day")).to_have_text(["Yesterday"])
    await expect(anns.page.locator(".row-time")).to_have_text("Yesterday")


async def test_a_reload_in_the_moment_of_sending_loses_and_doubles_nothing(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns, bobs = await windows.show_each(direct, ann, bob)
    texts = [f"just before reload {number}" for number in range(4)]

    for text in texts:
        await anns.say(text)
        await anns.reload()

    await bobs.shows(*texts)
    await anns.shows(*texts)
    assert texts_in_log(stage, direct) == texts


async def test_two_tabs_of_one_browser_send_each_message_once(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    first = await windows.show(direct, ann)
    second = await Conversation(await first.window.another_tab(), direct).open()

    await first.say("from the first")
    await second.shows("from the first")
    await second.say("from the second")

    for each in (first, second):
        await each.shows("from the first", "from the second")
    assert texts_in_log(stage, direct) == ["from the first", "from the second"]


async def test_where_everything_is_forbidden_one_still_talks_and_leaving_is_asked_about(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    window = await windows.open(ann)
    window.complaints.excuse(*BROKEN_NETWORK)
    await window.page.add_init_script(FORBID_STORAGE + FORBID_WEB_STORAGE)
    anns, bobs = await Conversation(window, direct).open(), await windows.show(direct, bob, 2)
    await anns.say("anyway")
    await bobs.shows("anyway")
    asked: list[str] = []

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    window.page.on("dialog", stay)
    await window.context.set_offline(True)
    await anns.say("only in memory")
    await anns.has_status("only in memory", "Waiting to be sent")
    await window.page.close(run_before_unload=True)
    await anns.page.wait_for_function("true")
    await window.context.set_offline(False)

    await bobs.shows("anyway", "only in memory")
    assert asked == ["beforeunload"]


async def test_who_has_nothing_unsent_or_a_disk_that_keeps_it_is_not_asked(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    anns = await windows.show(stage.direct(ann, bob), ann)
    anns.window.complaints.excuse(*BROKEN_NETWORK)
    asked: list[str] = []
    anns.page.on("dialog", lambda dialog: asked.append(dialog.type))
    await anns.window.context.set_offline(True)
    await anns.say("kept on disk")
    await anns.has_status("kept on disk", "Waiting to be sent")

    async with anns.page.expect_event("close"):
        await anns.page.close(run_before_unload=True)

    assert asked == []


async def test_signing_out_with_unsent_messages_is_asked_about(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns, bobs = await windows.show_each(direct, ann, bob)
    anns.window.complaints.excuse(*BROKEN_NETWORK)
    question = anns.page.get_by_role("dialog", name="Sign out?")
    await anns.page.get_by_role("button", name="Settings").click()
    await anns.page.get_by_role("button", name="Sign out").wait_for()
    await anns.page.keyboard.press("Escape")
    await expect(anns.page.locator("dialog")).to_have_count(0)
    await anns.window.context.set_offline(True)
    await anns.say("not yet sent")
    await anns.has_status("not yet sent", "Waiting to be sent")

    await anns.page.get_by_role("button", name="Settings").click()
    await anns.page.get_by_role("button", name="Sign out").click()
    await expect(question).to_contain_text("1 message was not sent yet. Signing out deletes it.")
    await expect(question.get_by_role("button", name="Sign out and delete it")).to_be_visible()
    await expect(question.get_by_role("button", name="Stay")).to_be_focused()
    await anns.window.context.set_offline(False)
    await expect(question).to_contain_text("Everything has been sent now.")
    await question.get_by_role("button", name="Stay").click()

    await bobs.shows("not yet sent")
    await expect(anns.composer).to_be_visible()


async def test_who_signs_out_all_the_same_finds_nothing_unsent_later(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    anns = await windows.show(direct, ann)
    anns.window.complaints.excuse(*BROKEN_NETWORK)
    await anns.page.get_by_role("button", name="Settings").click()
    await anns.page.get_by_role("button", name="Sign out").wait_for()
    await anns.page.keyboard.press("Escape")
    await expect(anns.page.get_by_role("dialog")).to_have_count(0)
    await anns.page.evaluate(SEND_NOTHING)
    await anns.say("one", "two")
    await anns.shows("one", "two")
    await anns.page.get_by_role("button", name="Settings").click()
    await anns.page.get_by_role("button", name="Sign out").click()

    await anns.page.get_by_role("button", name="Sign out and delete them").click()
    await anns.page.wait_for_url("**/login/**")
    await anns.window.fill_in_login(ann.username)
    await anns.is_online()
    await anns.open()

    await anns.shows()
    assert texts_in_log(stage, direct) == []


async def test_on_plain_http_nothing_is_a_dead_button(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    window = await windows.open(ann, address=f"http://{LAN_NAME}:{windows.port(1)}")
    window.complaints.excuse(*INSECURE_ORIGIN)
    chat = await Conversation(window, stage.direct(ann, bob)).open()
    await chat.say("to be copied")
    await chat.is_stored("to be copied")

    await chat.act_on("to be copied", "Copy text")
    await expect(chat.page.locator(".toast")).to_contain_text("Copied.")
    await chat.composer.press("Control+v")
    await expect(chat.composer).to_have_value("to be copied")
    await chat.page.get_by_role("button", name="Settings").click()
    await expect(chat.page.get_by_label("Desktop notifications")).to_be_disabled()
    await expect(chat.page.get_by_role("dialog")).to_contain_text("they need HTTPS")
