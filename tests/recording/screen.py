"""Lays the windows and the terminal of one moment side by side, in a page of the same browser: its fonts fit."""

import re
from base64 import b64encode
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page

from tests.recording.camera import Shot

HERE = Path(__file__).parent
PAGE = HERE / "screen.html"
PROGRAM = (HERE / "screen.js").read_text()
SIZES = {False: {"width": 1088, "height": 836}, True: {"width": 1088, "height": 602}}
"""In pixels, with windows and the terminal alone."""
ROWS = {True: 16, False: 32}
"""Lines of the terminal: below the windows, and alone."""
RULE = re.compile(r"^=+$")
TROUBLE = ("kill -9 of", "被 kill -9)", "Killing server", "停止 server")
SECRET = re.compile(r"(password of every demo user is|密码都是) \S+")


async def open_screen(browser: Browser, *, alone: bool) -> Page:
    page = await browser.new_page(viewport=SIZES[alone])
    await page.set_content(PAGE.read_text())
    return page


def styled(lines: list[str]) -> list[tuple[str, str]]:
    """Each line with the class of its colour; headings without the rules around them."""
    found = []
    for number, line in enumerate(lines):
        if RULE.match(line):
            continue
        around = [*lines[max(0, number - 1) : number], *lines[number + 1 : number + 2]]
        is_title = len(around) == 2 and all(RULE.match(each) for each in around)
        found.append((_style(line, is_title=is_title), SECRET.sub(r"\1 …", line)))
    return found


def _style(line: str, *, is_title: bool) -> str:
    if is_title:
        return "title"
    if "✅" in line:
        return "good"
    return "bad" if "❌" in line or any(word in line for word in TROUBLE) else ""


async def picture_of(page: Page, shot: Shot, lines: list[str], seats: list[tuple[str, str]], *, alone: bool) -> bytes:
    """The composed PNG; `seats` are (user, node) of each window."""
    windows = [] if alone else [_window(shot, place, *seat) for place, seat in enumerate(seats)]
    shown = styled(lines)[: len(styled(lines[: shot.lines]))][-ROWS[not alone] :]
    clock = f"{int(shot.seconds) // 60}:{int(shot.seconds) % 60:02}"
    await page.evaluate(PROGRAM, {"windows": windows, "lines": shown, "clock": clock})
    return await page.screenshot(full_page=False)


def _window(shot: Shot, place: int, user: str, node: str) -> dict[str, Any]:
    source = f"data:image/png;base64,{b64encode(shot.pictures[place]).decode()}"
    return {"user": user, "node": node, "dead": not shot.lamps[place], "source": source}
