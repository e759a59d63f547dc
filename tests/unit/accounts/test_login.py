"""Signing up, in and out, and passwords, over plain HTTP as a browser does it."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from accounts.models import User

from .people import NEW_PASSWORD, PASSWORD

pytestmark = pytest.mark.django_db


def strict_client() -> Client:
    return Client(enforce_csrf_checks=True)


def token_in(page: HttpResponse) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode()).group(1)


def send(client: Client, path: str, **fields: str):
    """GET the form, then POST it with the CSRF cookie and field."""
    return client.post(path, {**fields, "csrfmiddlewaretoken": token_in(client.get(path))})


def test_home_sends_an_anonymous_visitor_to_login():
    response = Client().get("/")
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/")


def test_login_takes_two_requests_and_leads_home(ann: User):
    client = strict_client()
    response = send(client, "/accounts/login/", login="ann", password=PASSWORD)
    assert (response.status_code, response.url) == (302, "/")
    assert "sessionid" in client.cookies
    assert client.session["_auth_user_id"] == str(ann.pk)


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_a_form_without_csrf_token_is_refused(ann: User, path: str):
    client = strict_client()
    client.get(path)
    assert client.post(path, {"login": "ann", "password": PASSWORD}).status_code == 403
    assert "sessionid" not in client.cookies


def test_a_form_without_csrf_token_is_refused_after_login(ann: User):
    client = strict_client()
    send(client, "/accounts/login/", login="ann", password=PASSWORD)
    for path in ("/accounts/logout/", "/accounts/password/change/", "/accounts/devices/revoke-others/"):
        assert client.post(path).status_code == 403
    assert client.get("/").status_code == 200


def test_signing_up_without_email_logs_in():
    client = strict_client()
    response = send(
        client, "/accounts/signup/", username="carol", email="", password1=NEW_PASSWORD, password2=NEW_PASSWORD
    )
    assert (response.status_code, response.url) == (302, "/")
    assert client.session["_auth_user_id"] == str(User.objects.get(username="carol").pk)


def test_a_taken_username_is_refused(ann: User):
    response = send(
        strict_client(), "/accounts/signup/", username="Ann", password1=NEW_PASSWORD, password2=NEW_PASSWORD
    )
    assert response.status_code == 200
    assert User.objects.count() == 1


def test_logout_ends_the_session(ann: User):
    client = strict_client()
    send(client, "/accounts/login/", login="ann", password=PASSWORD)
    response = send(client, "/accounts/logout/")
    assert response.status_code == 302
    assert Session.objects.count() == 0
    assert client.get("/").status_code == 302


def test_a_changed_password_keeps_this_browser_and_ends_the_others(ann: User, browser: Client):
    other = strict_client()
    send(other, "/accounts/login/", login="ann", password=PASSWORD)
    response = send(
        browser, "/accounts/password/change/", oldpassword=PASSWORD, password1=NEW_PASSWORD, password2=NEW_PASSWORD
    )
    assert response.status_code == 302
    assert browser.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert send(strict_client(), "/accounts/login/", login="ann", password=NEW_PASSWORD).status_code == 302


def test_a_wrong_old_password_changes_nothing(ann: User, browser: Client):
    response = send(
        browser, "/accounts/password/change/", oldpassword="wrong", password1=NEW_PASSWORD, password2=NEW_PASSWORD
    )
    assert response.status_code == 200
    ann.refresh_from_db()
    assert ann.check_password(PASSWORD)


def reset_link() -> str:
    return re.search(r"http://testserver(\S+/password/reset/key/\S+)", mail.outbox[0].body).group(1)


def test_a_forgotten_password_is_reset_by_mail_and_the_link_works_once(ann: User):
    client = strict_client()
    assert send(client, "/accounts/password/reset/", email="ann@example.com").status_code == 302
    link = reset_link()
    form = client.get(link).url
    assert send(client, form, password1=NEW_PASSWORD, password2=NEW_PASSWORD).status_code == 302
    assert send(strict_client(), "/accounts/login/", login="ann", password=NEW_PASSWORD).status_code == 302
    assert "password1" not in strict_client().get(link, follow=True).content.decode()


def visible(response: HttpResponse) -> tuple[int, str]:
    return response.status_code, re.sub(r'value="[^"]*"', "", response.content.decode())


def test_login_does_not_tell_whether_a_user_exists(ann: User):
    known = send(strict_client(), "/accounts/login/", login="ann", password="wrong")
    unknown = send(strict_client(), "/accounts/login/", login="nobody", password="wrong")
    assert visible(known) == visible(unknown)


def test_reset_does_not_tell_whether_an_address_is_known(ann: User):
    known = send(strict_client(), "/accounts/password/reset/", email="ann@example.com")
    unknown = send(strict_client(), "/accounts/password/reset/", email="nobody@example.com")
    assert (known.status_code, known.url, visible(known)) == (unknown.status_code, unknown.url, visible(unknown))


def test_login_is_throttled_per_account_even_with_the_right_password(ann: User):
    for _ in range(5):
        send(strict_client(), "/accounts/login/", login="ann", password="wrong")
    client = strict_client()
    send(client, "/accounts/login/", login="ann", password=PASSWORD)
    assert client.get("/").status_code == 302


def test_login_does_not_lead_to_another_site(ann: User):
    response = send(strict_client(), "/accounts/login/", login="ann", password=PASSWORD, next="https://evil.example/")
    assert response.url == "/"


def test_an_inactive_user_cannot_log_in(ann: User):
    User.objects.update(is_active=False)
    client = strict_client()
    send(client, "/accounts/login/", login="ann", password=PASSWORD)
    assert client.get("/").status_code == 302
