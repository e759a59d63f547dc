"""Every page that there is, opened by staff in a browser: none of them breaks the content security policy."""

from contextlib import suppress

import pytest
from playwright.async_api import Error

from chat.proof.stage import Stage
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOT_A_PAGE = ("/accounts/2fa/recovery-codes/download/", "/admin/autocomplete/")
"""A browser saves it; it answers scripts that say for what."""
REFUSED = ("Failed to load resource", "TypeError: Failed to fetch", "net::ERR_HTTP_RESPONSE_CODE_FAILURE")
"""What Chromium says of addresses that answer 403, 404 or 405 to whoever only looks."""


async def test_no_page_breaks_the_policy_not_even_in_the_administration(stage: Stage, windows: Windows):
    root, ann = stage.people("root", "ann")
    stage.site.office.do("hire", root.id)
    group = stage.group(root, ann)
    await (await stage.arrive(ann)).post(group, "<b onclick=alert(1)>hello</b> **you**")
    window = await windows.open(root)
    window.complaints.excuse(*REFUSED)

    paths = [path for path in stage.site.office.do("pages", root.id) if path not in NOT_A_PAGE]
    shown: list[str] = []
    for path in [*paths, "/nowhere/"]:
        with suppress(Error):  # an answer without a body is an error to Chromium
            await window.page.goto(window.address + path)
            shown.append(path)

    assert len(shown) > 60
    assert window.complaints.found == []
