"""What the first visit costs a phone on a bad line: bytes, since seconds depend on the machine."""

import gzip

import pytest
from playwright.async_api import Response

from tests.browser.conversation import Conversation
from tests.browser.windows import Windows
from tests.integration.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")

MOST_BYTES = 120_000
"""Compressed, as a web server in front sends it; more is felt on a phone."""


async def test_the_first_visit_is_small(stage: Stage, windows: Windows, record_property):
    ann, bob = stage.people("ann", "bob")
    direct = stage.direct(ann, bob)
    stage.site.office.do("fill", direct, bob.id, ["hello"])
    window = await windows.open(ann)
    responses: list[Response] = []
    window.context.on("response", lambda response: responses.append(response))

    anns = await Conversation(window, direct).open()
    await anns.shows("hello")

    sizes = {each.url: len(gzip.compress(await each.body())) for each in responses}
    record_property("bytes of the first visit, compressed", sum(sizes.values()))
    assert sum(sizes.values()) <= MOST_BYTES, sorted(sizes.items(), key=lambda each: -each[1])[:10]
