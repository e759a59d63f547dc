"""The watch that every test keeps over its pages sees what it has to see."""

import pytest
from playwright.async_api import Browser

from tests.browser.window import Window
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

BREAK_POLICY = """() => { const script = document.createElement("script");
  script.textContent = "window.ran = true"; document.head.append(script); return window.ran === true; }"""


@pytest.mark.parametrize(
    ("deed", "sign"),
    [
        (BREAK_POLICY, "Content Security Policy"),
        ("() => setTimeout(() => { throw new Error('a slip'); })", "a slip"),
        ("() => { Promise.reject(new Error('a forgotten promise')); }", "a forgotten promise"),
        ("() => console.error('a page in need')", "a page in need"),
        ("() => { fetch('/no-such-page/'); }", "404"),
    ],
    ids=["policy", "error", "rejection", "console", "missing"],
)
async def test_a_page_that_does_wrong_is_noticed(chromium: Browser, windows: Windows, deed: str, sign: str):
    window = await Window.open(chromium, windows.address(1))
    await window.go("/accounts/login/")
    assert window.complaints.found == []

    assert await window.page.evaluate(deed) is not True
    while not window.complaints.found:
        await window.page.wait_for_timeout(20)

    assert any(sign in each for each in window.complaints.found), window.complaints.found
    await window.close()
