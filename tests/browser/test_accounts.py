"""The pages around the chat: logging in through the form, and nothing on them that keeps people out."""

import pytest
from playwright.async_api import expect

from chat.proof.stage import Stage
from tests.browser.accessibility import grave_findings
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

PUBLIC = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/")
OWN = (
    *("/accounts/preferences/", "/accounts/password/change/", "/accounts/sessions/", "/accounts/2fa/"),
    *("/devices/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/"),
)


async def test_somebody_logs_in_through_the_form(stage: Stage, windows: Windows):
    (ann,) = stage.people("ann")
    window = await windows.open()

    await window.go("/")
    await window.fill_in_login(ann.username)

    await window.page.wait_for_url(window.address + "/")
    await expect(window.page.get_by_text(ann.username).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_public_pages_keep_nobody_out(windows: Windows, scheme: str):
    window = await windows.open(color_scheme=scheme)

    findings = {path: await _findings(window, path) for path in PUBLIC}

    assert findings == {path: [] for path in PUBLIC}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_of_an_account_keep_nobody_out(stage: Stage, windows: Windows, scheme: str):
    (ann,) = stage.people("ann")
    window = await windows.open(ann, color_scheme=scheme)

    findings = {path: await _findings(window, path) for path in OWN}

    assert findings == {path: [] for path in OWN}


async def _findings(window, path: str) -> list[str]:
    await window.go(path)
    return await grave_findings(window.page)
