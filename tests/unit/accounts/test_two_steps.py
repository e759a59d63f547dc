"""Two-step sign-in: who has it needs the second step, and only what is right and unused opens the door."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.test import Client

from accounts.models import User

from .people import PASSWORD

pytestmark = pytest.mark.django_db

SECOND_STEP = "/accounts/2fa/authenticate/"


@pytest.fixture
def secret(ann: User) -> str:
    """Ann's authenticator app knows it."""
    text: str = generate_totp_secret()
    TOTP.activate(ann, text)
    return text


def code_of(secret: str, *, minutes_ago: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 - 2 * minutes_ago)))


def knock(client: Client) -> str:
    """Say the password; where that leads."""
    return str(client.post("/accounts/login/", {"login": "ann", "password": PASSWORD}).url)


def is_in(client: Client) -> bool:
    return client.get("/accounts/preferences/").status_code == 200


def test_the_password_alone_is_not_enough(ann: User, secret: str):
    client = Client()
    assert knock(client) == SECOND_STEP
    assert not is_in(client)


def test_the_code_of_the_app_opens_and_is_good_once(ann: User, secret: str):
    client, thief = Client(), Client()
    code = code_of(secret)
    knock(client)
    assert client.post(SECOND_STEP, {"code": code}).url == "/"
    assert is_in(client)
    knock(thief)
    assert thief.post(SECOND_STEP, {"code": code}).status_code == 200
    assert not is_in(thief)


def test_a_wrong_or_an_old_code_opens_nothing(ann: User, secret: str):
    client = Client()
    knock(client)
    for code in ("000000" if code_of(secret) != "000000" else "111111", code_of(secret, minutes_ago=10), ""):
        assert client.post(SECOND_STEP, {"code": code}).status_code == 200
    assert not is_in(client)


def test_a_recovery_code_opens_once(ann: User, secret: str):
    code = RecoveryCodes.activate(ann).get_unused_codes()[0]
    first, second = Client(), Client()
    knock(first)
    assert first.post(SECOND_STEP, {"code": code}).url == "/"
    knock(second)
    assert second.post(SECOND_STEP, {"code": code}).status_code == 200
    assert (is_in(first), is_in(second)) == (True, False)


def test_turning_it_off_needs_the_password_again(ann: User, secret: str):
    client = Client()
    knock(client)
    client.post(SECOND_STEP, {"code": code_of(secret)})
    assert client.post("/accounts/2fa/totp/deactivate/").status_code == 302
    assert Authenticator.objects.filter(user=ann, type="totp").exists()


def test_a_passkey_is_asked_for_in_words_that_a_browser_understands(ann: User):
    answer = Client().get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"}).json()
    options = answer["request_options"]["publicKey"]
    assert (options["rpId"], options["userVerification"]) == ("testserver", "required")
    assert len(options["challenge"]) >= 22


def test_the_admin_asks_for_the_second_step_too(ann: User, secret: str):
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    client = Client()
    assert client.get("/admin/").url.startswith("/admin/login/")
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/accounts/login/")
    knock(client)
    assert client.get("/admin/").status_code == 302
