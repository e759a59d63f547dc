"""What the first visit costs a phone on a bad line: bytes, since seconds depend on the machine."""

import time

import pytest
from playwright.async_api import Response

from chat.proof.stage import Stage
from tests.browser.conversation import Conversation
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST_BYTES = 120_000
"""Of all bodies together, as they are sent; more is felt on a phone."""


async def test_the_first_visit_is_small_and_kept(stage: Stage, windows: Windows, record_property):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    stage.site.office.do("fill", direct, bob.id, ["hello"])
    window = await windows.open(ann)
    responses: list[Response] = []
    window.context.on("response", lambda response: responses.append(response))

    began = time.monotonic()
    anns = await Conversation(window, direct).open()
    await anns.shows("hello")
    record_property("seconds until the conversation shows", round(time.monotonic() - began, 2))
    await window.page.wait_for_load_state("networkidle")

    sizes = {each.url: (await each.request.sizes())["responseBodySize"] for each in responses}
    record_property("bytes of the first visit, as sent", sum(sizes.values()))
    assert sum(sizes.values()) <= MOST_BYTES, sorted(sizes.items(), key=lambda each: -each[1])[:10]
    files = [each for each in responses if "/static/" in each.url]
    assert len(files) > 50
    assert {"immutable" in (await each.header_value("cache-control") or "") for each in files} == {True}
    texts = [each for each in files if each.url.endswith((".js", ".mjs", ".css"))]
    large = [each for each in texts if len(await each.body()) > 1000]
    assert {await each.header_value("content-encoding") for each in large} <= {"gzip", "br"}
