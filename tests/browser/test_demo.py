"""`run_demo --keep` as somebody watches it: three windows on three nodes, from the output of the command alone."""

import asyncio
import re
import signal
from pathlib import Path
from subprocess import Popen

import pytest
from playwright.async_api import Browser, Error, Page, expect

from tests.browser.complaints import BROKEN_NETWORK
from tests.browser.conversation import Conversation
from tests.browser.window import Window
from tests.integration.test_run_demo import Demo, ended, is_listening, migrated

pytestmark = pytest.mark.asyncio(loop_scope="session")

OUTPUT_SECONDS = 120
SCENARIOS_MESSAGE = "Hello, this is a test message"
TITLE = "demo"
SCENARIOS = ("consistency", "recovery", "devices", "assistant")
ANSWER = "I am the assistant"


async def told_until(process: "Popen[str]", pattern: str) -> list[str]:
    """What the command says up to a line in which `pattern` is found."""
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(OUTPUT_SECONDS):
        while not (lines and re.search(pattern, lines[-1])):
            line = await asyncio.to_thread(process.stdout.readline)
            assert line, "".join(lines)
            lines.append(line)
    return lines


async def watching(chromium: Browser, url: str, user: str, password: str) -> Conversation:
    """Logged in through the form, with the conversation of the demo open."""
    window = await Window.open(chromium, url.rstrip("/"))
    window.complaints.excuse(*BROKEN_NETWORK)
    async with asyncio.timeout(OUTPUT_SECONDS):
        while not await logged_in(window, user, password):  # noqa: ASYNC110 - what it waits for is in another process
            await asyncio.sleep(0.5)
    await window.page.locator(".conversation-row", has_text=TITLE).click()
    return Conversation(window, number_in(window.page))


async def logged_in(window: Window, user: str, password: str) -> bool:
    """False while the node is away: one of the scenarios kills one."""
    try:
        await window.go("/")
        if "/login/" in window.page.url:
            async with window.page.expect_navigation():
                await window.fill_in_login(user, password)
        await expect(window.page.locator(".sidebar").or_(window.page.locator(".slow-start"))).to_be_visible()
    except Error as error:
        if "net::ERR_" not in str(error):
            raise
        return False
    return await window.page.locator(".sidebar").count() == 1


async def assistants_answer(window: Window) -> str:
    """In the group of whoever watches; the node that began it was killed."""
    await window.page.locator(".conversation-row", has_text="assistant").click()
    answer = window.page.locator(".rows .message .body", has_text=ANSWER)
    await expect(answer).to_have_count(1)
    return await answer.inner_text()


def number_in(page: Page) -> int:
    found = re.search(r"/c/(\d+)/", page.url)
    assert found, page.url
    return int(found[1])


async def test_three_windows_watch_the_demo_while_it_runs_and_talk_after_it(chromium: Browser, tmp_path: Path):
    process = (await asyncio.to_thread(migrated, Demo(tmp_path))).start(
        *("run_demo", "--keep", "--base-port", "auto", "--language", "en", "--scenario", *SCENARIOS)
    )
    windows: list[Conversation] = []
    try:
        told = await told_until(process, "The password of every demo user is ")
        text = "".join(told)
        urls = re.findall(r"server_\d: (http://\S+)", text)
        users = re.findall(r"\bwatcher_\d\b", text)
        assert (len(urls), users) == (3, ["watcher_1", "watcher_2", "watcher_3"])
        password = told[-1].split()[-1]
        arriving = (watching(chromium, url, user, password) for url, user in zip(urls, users, strict=True))
        windows = await asyncio.gather(*arriving)

        for each in windows:
            await expect(each.bodies.filter(has_text=SCENARIOS_MESSAGE).first).to_be_visible()
        rest = await told_until(process, "The password of every demo user is ")
        assert any("Everything passed" in line for line in rest), "".join(rest)
        for each in windows:
            await each.say(f"seen from {each.window.address}")
        for each in windows:
            for url in urls:
                await expect(each.message(f"seen from {url.rstrip('/')}")).to_have_count(1)
        shown = [await each.bodies.all_inner_texts() for each in windows]
        assert shown[1:] == shown[:-1]
        answers = [await assistants_answer(each.window) for each in windows]
        assert answers[1:] == answers[:-1]
    finally:
        process.send_signal(signal.SIGINT)
        code, end = await asyncio.to_thread(ended, process)
        found = [complaint for each in windows for complaint in each.window.complaints.found]
        for each in windows:
            await each.window.close()
    assert (code, found) == (0, []), end
    assert "Everything that was started has been ended." in end
    assert [url for url in urls if is_listening(url)] == []
