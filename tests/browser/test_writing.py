"""The field in which one writes: what sends, and what does not."""

import pytest
from playwright.async_api import expect

from chat.proof.stage import Stage
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

PROCESS_KEY = 229
"""The key code of every key that an input method takes for itself (UI Events, 7.3.1)."""


async def test_enter_sends_and_shift_enter_breaks_the_line(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    anns = await windows.show(stage.direct(ann, bob), ann)

    await anns.composer.press_sequentially("one")
    await anns.composer.press("Shift+Enter")
    await anns.composer.press_sequentially("two")
    await expect(anns.composer).to_have_value("one\ntwo")
    await anns.composer.press("Enter")

    await expect(anns.bodies).to_have_count(1)
    assert await anns.bodies.first.inner_text() == "one\ntwo"
    await expect(anns.composer).to_have_value("")


async def test_enter_that_an_input_method_takes_does_not_send(stage: Stage, windows: Windows):
    ann, bob = stage.people("ann", "bob")
    anns = await windows.show(stage.direct(ann, bob), ann)
    await anns.composer.focus()
    keyboard = await anns.window.context.new_cdp_session(anns.page)

    await keyboard.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": PROCESS_KEY}
    await keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    await keyboard.send("Input.insertText", {"text": "你好"})
    await keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
    await expect(anns.composer).to_have_value("你好")
    await expect(anns.bodies).to_have_count(0)
    await anns.composer.press("Enter")

    await anns.shows("你好")
