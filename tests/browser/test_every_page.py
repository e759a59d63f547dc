"""Every page that there is, opened by staff in a browser: none of them breaks the content security policy."""

import pytest

from chat.proof.stage import Stage
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOT_A_PAGE = ("/accounts/2fa/recovery-codes/download/",)
"""A browser saves it."""
REFUSED = ("Failed to load resource", "TypeError: Failed to fetch")
"""What Chromium says of addresses that answer 403, 404 or 405 to whoever only looks."""


async def test_no_page_breaks_the_policy_not_even_in_the_administration(stage: Stage, windows: Windows):
    root, ann = stage.people("root", "ann")
    stage.site.office.do("hire", root.id)
    group = stage.group(root, ann)
    await (await stage.arrive(ann)).post(group, "<b onclick=alert(1)>hello</b> **you**")
    window = await windows.open(root)
    window.complaints.excuse(*REFUSED)

    paths = [path for path in stage.site.office.do("pages", root.id) if path not in NOT_A_PAGE]
    for path in [*paths, "/nowhere/"]:
        await window.page.goto(window.address + path)

    assert len(paths) > 60
    assert window.complaints.found == []
