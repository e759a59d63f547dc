"""The second step of signing in, as a person does it: passkeys, an authenticator app, recovery codes."""

import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.async_api import Page, expect

from chat.proof.site import PASSWORD, Person
from chat.proof.stage import Stage
from tests.browser.chromium import LAN_NAME
from tests.browser.complaints import INSECURE_ORIGIN
from tests.browser.window import Window
from tests.browser.windows import Windows

pytestmark = pytest.mark.asyncio(loop_scope="session")

FINGERPRINT_READER = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def at_home(windows: Windows, person: Person | None = None) -> Window:
    """At a name, which passkeys need: they know no numeric addresses."""
    return await windows.open(person, address=f"http://localhost:{windows.port(1)}")


async def has_fingerprint_reader(window: Window) -> None:
    session = await window.context.new_cdp_session(window.page)
    await session.send("WebAuthn.enable")
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": FINGERPRINT_READER})


async def confirm_password(window: Window) -> None:
    """Before anything that decides who may sign in, the password is asked for again."""
    field = window.page.locator("input[type=password]")
    await expect(field.or_(window.page.locator("form")).first).to_be_visible()
    if "reauthenticate" in window.page.url:
        await field.fill(PASSWORD)
        await window.page.keyboard.press("Enter")
        await window.page.wait_for_url(lambda url: "reauthenticate" not in url)


async def sign_out(window: Window) -> None:
    await window.go("/accounts/logout/")
    await window.page.locator("main form button, form button[type=submit]").last.click()
    await window.page.wait_for_url(lambda url: "logout" not in url)


async def is_in(page: Page, person: Person) -> None:
    await page.wait_for_url(lambda url: url.endswith("/"))
    await expect(page.locator(".sidebar-foot")).to_contain_text(person.username)


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


async def test_a_passkey_is_added_and_signs_in_without_a_password(stage: Stage, windows: Windows):
    (ann,) = stage.people("ann")
    window = await at_home(windows)
    page = window.page
    await has_fingerprint_reader(window)
    await window.go("/accounts/login/?next=/accounts/2fa/webauthn/add/")
    await window.fill_in_login(ann.username)
    await page.wait_for_url("**/accounts/2fa/**")
    await confirm_password(window)

    await page.get_by_label("Name").fill("My fingerprint")
    await page.locator("input[name=passwordless]").check()
    await page.get_by_role("button", name="Add").click()
    await page.wait_for_url(lambda url: not url.endswith("/add/"))
    await window.go("/accounts/2fa/webauthn/")
    await expect(page.get_by_text("My fingerprint").first).to_be_visible()
    await sign_out(window)

    await window.go("/accounts/login/")
    await page.get_by_role("button", name="passkey").click()

    await is_in(page, ann)


async def test_an_app_is_paired_and_asked_at_the_next_sign_in_and_a_recovery_code_stands_in_for_it(
    stage: Stage, windows: Windows
):
    (ann,) = stage.people("ann")
    window = await at_home(windows)
    page = window.page
    await window.go("/accounts/login/?next=/accounts/2fa/totp/activate/")
    await window.fill_in_login(ann.username)
    await page.wait_for_url("**/accounts/2fa/**")
    await confirm_password(window)
    secret = await page.locator("#authenticator_secret").input_value()
    await page.locator("input[name=code]").fill(code_of(secret))
    await page.get_by_role("button", name="Activate").click()
    await page.wait_for_url(lambda url: "totp/activate" not in url)
    await window.go("/accounts/2fa/recovery-codes/")
    codes = (await page.locator("#recovery_codes").input_value()).split()
    assert len(set(codes)) == 10
    await sign_out(window)

    await window.go("/accounts/login/")
    await window.fill_in_login(ann.username)
    await page.wait_for_url("**/2fa/authenticate/**")
    await page.locator("input[name=code]").fill("not a code")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Incorrect code")).to_be_visible()
    await page.locator("input[name=code]").fill(codes[0])
    await page.keyboard.press("Enter")

    await is_in(page, ann)


async def test_a_passkey_is_no_dead_button_where_the_browser_has_none(windows: Windows):
    window = await windows.open(address=f"http://{LAN_NAME}:{windows.port(1)}")
    window.complaints.excuse(*INSECURE_ORIGIN)
    await window.go("/accounts/login/")
    problem = window.page.locator("#passkey_problem")
    await expect(problem).not_to_be_visible()

    await window.page.get_by_role("button", name="passkey").click()

    await expect(problem).to_contain_text("HTTPS")
