"""Sessions: stolen ones end with one press, half of a login opens nothing, and no login leads to a foreign page."""

import re
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.unit.accounts.people import NEW_PASSWORD, PASSWORD, authenticate_cookie, register_device
from tests.unit.accounts.test_two_steps import code_of

pytestmark = pytest.mark.django_db

ELSEWHERE = [
    *("https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example/", "https:evil.example"),
    *("http:///evil.example/", "///evil.example/", "/\t/evil.example/", "javascript:alert(1)", "data:text/html,x"),
    *("https://testserver@evil.example/", "https://testserver.evil.example/", " https://evil.example/", "\x00//evil"),
]


def logged_in(name: str = "ann") -> Client:
    client = Client()
    assert client.post("/accounts/login/", {"login": name, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/accounts/preferences/").status_code == 200


def key_of(client: Client) -> str:
    return client.cookies["sessionid"].value


# Theft


def test_revoking_all_others_ends_sessions_that_never_opened_a_socket(ann: User):
    mine, thief, another = logged_in(), logged_in(), logged_in()
    register_device(ann, uuid4(), session_key=key_of(another))
    assert "Revoke all others" in mine.get("/devices/").content.decode()

    mine.post("/accounts/devices/revoke-others/")

    assert (is_in(mine), is_in(thief), is_in(another)) == (True, False, False)
    assert authenticate_cookie(key_of(thief)) is None


def test_the_button_is_there_for_a_session_without_a_device(ann: User):
    mine = logged_in()
    assert "Revoke all others" not in mine.get("/devices/").content.decode()
    logged_in()
    assert "Revoke all others" in mine.get("/devices/").content.decode()


def test_a_stolen_session_adds_no_address_for_a_password_reset(ann: User, browser: Client):
    answer = browser.post("/accounts/email/", {"action_add": "", "email": "thief@example.com"})
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/reauthenticate/")

    Client().post("/accounts/password/reset/", {"email": "thief@example.com"})
    assert "/password/reset/key/" not in mail.outbox[-1].body


@pytest.mark.parametrize(
    "path", ["/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/2fa/recovery-codes/generate/"]
)
def test_a_stolen_session_adds_no_second_factor(ann: User, browser: Client, path: str):
    assert browser.get(path).url.startswith("/accounts/reauthenticate/")
    assert browser.post(path, {}).url.startswith("/accounts/reauthenticate/")


def test_a_stolen_session_guesses_the_password_a_few_times_only(ann: User, browser: Client):
    for _ in range(5):
        browser.post("/accounts/reauthenticate/", {"password": "wrong"})

    assert browser.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code in (200, 429)


# Half of a login


def test_a_session_from_before_the_login_is_worth_nothing_after_it(ann: User):
    client = Client()
    client.session.save()
    planted = client.session
    planted["seen"] = True
    planted.save()
    client.cookies["sessionid"] = planted.session_key
    client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})

    assert is_in(client)
    assert key_of(client) != planted.session_key
    assert not Session.objects.filter(session_key=planted.session_key).exists()
    assert authenticate_cookie(planted.session_key) is None


def test_the_password_without_the_second_step_opens_no_page_and_no_socket(ann: User):
    TOTP.activate(ann, generate_totp_secret())
    client = Client()
    assert client.post("/accounts/login/", {"login": "ann", "password": PASSWORD}).url == "/accounts/2fa/authenticate/"

    for path in ("/", "/devices/", "/accounts/2fa/", "/accounts/email/", "/accounts/password/change/", "/admin/"):
        assert client.get(path).status_code == 302, path
    assert authenticate_cookie(key_of(client)) is None


def test_the_second_step_is_guessed_a_few_times_only(ann: User):
    TOTP.activate(ann, generate_totp_secret())
    client = Client()
    client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})
    answers = [client.post("/accounts/2fa/authenticate/", {"code": f"{i:06}"}).content.decode() for i in range(7)]

    assert "Too many failed login attempts" in answers[-1]


def test_a_new_password_by_mail_does_not_pass_the_second_step(ann: User):
    TOTP.activate(ann, generate_totp_secret())
    client = Client()
    client.post("/accounts/password/reset/", {"email": "ann@example.com"})
    found = re.search(r"http://testserver(\S+/password/reset/key/\S+)", mail.outbox[0].body)
    assert found
    client.post(client.get(found[1]).url, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert not is_in(client)
    assert client.post("/accounts/login/", {"login": "ann", "password": NEW_PASSWORD}).url.startswith("/accounts/2fa/")


@pytest.mark.parametrize("planted", ["", "x" * 4000, "../../etc/passwd", "a" * 40, "\x00", "sessionid"])
def test_a_made_up_cookie_is_nobodys(ann: User, planted: str):
    client = Client()
    client.cookies["sessionid"] = planted
    assert client.get("/").status_code == 302
    assert authenticate_cookie(planted) is None


# Where a login leads


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_next_leads_elsewhere(ann: User, target: str):
    places = []
    client = Client()
    places.append(client.post("/accounts/login/", {"login": "ann", "password": PASSWORD, "next": target}))
    places.append(client.get("/accounts/login/", {"next": target}))
    places.append(client.get("/accounts/signup/", {"next": target}))
    places.append(client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target}))
    places.append(client.post("/i18n/setlang/", {"language": "en", "next": target}))
    places.append(client.post("/preferences", {"theme": "dark", "next": target}))
    places.append(client.post("/accounts/logout/", {"next": target}))
    fields = {"username": "carol", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "next": target}
    places.append(Client().post("/accounts/signup/", fields))

    assert [answer.status_code for answer in places] == [302] * len(places)
    assert [answer.url for answer in places if not re.match(r"/(?![/\\])[\w/]*$", answer.url)] == []


def test_the_second_step_leads_nowhere_else_either(ann: User):
    secret = generate_totp_secret()
    TOTP.activate(ann, secret)
    client = Client()
    client.post("/accounts/login/", {"login": "ann", "password": PASSWORD, "next": "https://evil.example/"})
    assert client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)}).url == "/"


# Links in mails


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_HOST": "evil.example"},
        {"HTTP_HOST": "testserver@evil.example"},
        {"HTTP_HOST": "testserver/evil.example"},
        {"HTTP_HOST": "evil.example#testserver"},
        {"HTTP_HOST": "testserver:80@evil.example"},
    ],
    ids=lambda headers: next(iter(headers.values())),
)
def test_a_reset_for_a_made_up_host_sends_nothing(ann: User, headers: dict[str, str]):
    answer = Client().post("/accounts/password/reset/", {"email": "ann@example.com"}, **headers)
    assert (answer.status_code, len(mail.outbox)) == (400, 0)


@pytest.mark.parametrize("name", ["HTTP_X_FORWARDED_HOST", "HTTP_X_HOST", "HTTP_FORWARDED", "HTTP_X_FORWARDED_SERVER"])
def test_the_link_of_a_reset_leads_to_the_host_spoken_to(ann: User, name: str):
    Client().post("/accounts/password/reset/", {"email": "ann@example.com"}, **{name: "evil.example"})
    assert "evil.example" not in mail.outbox[0].body
    assert "http://testserver/accounts/password/reset/key/" in mail.outbox[0].body
