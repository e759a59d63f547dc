"""Every page that there is, opened by staff in a browser: none of them breaks the content security policy."""

import pytest
from playwright.async_api import Error

from chat.proof.stage import Stage
from tests.browser.window import Window
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOT_A_PAGE = ("/accounts/2fa/recovery-codes/download/", "/admin/autocomplete/")
"""A browser saves it; it answers scripts that say for what."""
REFUSED = ("Failed to load resource", "TypeError: Failed to fetch", "net::ERR_HTTP_RESPONSE_CODE_FAILURE")
"""What Chromium says of addresses that answer 403, 404 or 405 to whoever only looks."""
NO_BODY = "net::ERR_HTTP_RESPONSE_CODE_FAILURE"
FOR_SCRIPTS = ("/admin/chat/clusternode/", "/admin/logout/")


async def test_no_page_breaks_the_policy_not_even_in_the_administration(stage: Stage, windows: Windows):
    root, ann = stage.people("root", "ann")
    stage.site.office.do("hire", root.id)
    group = stage.group(root, ann)
    await (await stage.arrive(ann)).post(group, "<b onclick=alert(1)>hello</b> **you**")
    window = await windows.open(root)
    window.complaints.excuse(*REFUSED)

    paths = [path for path in stage.site.office.do("pages", root.id) if path not in NOT_A_PAGE]
    without_body = [path for path in [*paths, "/nowhere/"] if not await is_shown(window, path)]

    assert [path for path in without_body if "admin" in path and not path.startswith(FOR_SCRIPTS)] == []
    assert len(without_body) < len(paths) / 8
    assert window.complaints.found == []


async def is_shown(window: Window, path: str) -> bool:
    """False where the answer has no body. Chromium shows an error of its own then, and comes to rest first."""
    try:
        await window.page.goto(window.address + path)
    except Error as error:
        if NO_BODY not in error.message:
            raise
        await window.page.wait_for_url("chrome-error://**")
        await window.page.goto("about:blank")
        return False
    return True
