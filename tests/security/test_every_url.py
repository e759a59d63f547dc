"""Every address of the site against everybody who may ask for it: who gets in, by which forms, with which headers."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.urls import include, path
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from chat.models import Conversation, Membership, Message
from tests.security.every_url import FOR_SCRIPTS, ROWS, For, place_of, routes
from tests.unit.accounts.people import register_device
from tests.unit.running_node import running

PEOPLE = ("anonymous", "stranger", "removed", "member", "staff")
ROUTES = routes()
PASSWORD = "a password of all"


@pytest.fixture(autouse=True)
def _no_limits(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = False


@pytest.fixture
def ids(transactional_db: None) -> Iterator[dict[str, Any]]:
    """People in a conversation and out of it, and a node that serves them."""
    users = {name: User.objects.create_user(name, f"{name}@example.com", PASSWORD) for name in PEOPLE[1:]}
    User.objects.filter(username="staff").update(is_staff=True, is_superuser=True)
    now = timezone.now()
    group = Conversation.objects.create(kind="group", title="Plans", head=2, member_count=1)
    for name in ("member", "removed"):
        left = now if name == "removed" else None
        member = {"user": users[name], "joined_at": now, "updated_at": now, "left_at": left, "role": "owner"}
        Membership.objects.create(conversation=group, **member)
    for seq in (1, 2):
        sent = {"seq": seq, "changed_seq": seq, "sender": users["member"], "text": "x", "at": now}
        Message.objects.create(conversation=group, **sent)
    just_logged_in.cache_clear()
    with running():
        yield {"conversation": group.pk, "seq": 2, "uuid": uuid4(), "pk": 999_999}


def possessions() -> dict[str, Any]:
    """A new device and a new passkey of the member."""
    member = User.objects.get(username="member")
    passkey = Authenticator.objects.create(user=member, type="webauthn", data={"name": "key"})
    return {"uuid": register_device(member, uuid4()).uuid, "pk": passkey.pk}


@cache
def middleware(enforce_csrf_checks: bool) -> ClientHandler:
    """Loaded once: the static files alone would be looked through for every browser."""
    return ClientHandler(enforce_csrf_checks)


@cache
def just_logged_in(name: str) -> dict[str, Any]:
    """What a session holds of somebody who has shown the password."""
    client = Client()
    client.post("/accounts/login/", {"login": name, "password": PASSWORD})
    return dict(client.session.items())


def client_of(name: str, *, enforce_csrf_checks: bool = False) -> Client:
    """A browser of somebody who has just shown the password."""
    client = Client(raise_request_exception=False)
    client.handler = middleware(enforce_csrf_checks)
    if name != "anonymous":
        session = SessionStore()
        session.update(just_logged_in(name))
        session.create()
        client.cookies["sessionid"] = session.session_key
    return client


def fate(answer: HttpResponse) -> str:
    """In, or how one is kept out."""
    if answer.status_code in (301, 302):
        target = answer.headers["Location"]
        if target.startswith("/accounts/reauthenticate/?"):
            return "password"
        return "login" if target.startswith(("/accounts/login/?", "/admin/login/?")) else "in"
    return {403: "forbidden", 404: "missing", 500: "broken", 503: "busy"}.get(answer.status_code, "in")


def fates(route: str, name: str, ids: dict[str, Any]) -> list[str]:
    """What becomes of a GET and of a POST; of what belongs to somebody, only of the POST."""
    found = []
    for method in ("get", "post"):
        client = client_of(name)
        place = place_of(route, ids)
        if place.who is For.OWNERS:
            place = place_of(route, {**ids, **possessions()})
        is_asked = method == "get" if place.fields is None else method == "post" or place.who in PAGES
        if is_asked:
            answer = getattr(client, method)(place.path, place.fields if method == "post" else None)
            found.append(fate(answer))
        Authenticator.objects.all().delete()
    return found


def expected(who: For, name: str) -> set[str]:
    if who is For.EVERYBODY:
        return {"in"}
    if who is For.STAFF:
        return {"in", "missing", "forbidden"} if name == "staff" else {"login"}
    if name == "anonymous":
        return {"login"}
    if who is For.HAVERS:
        return {"in", "missing"}
    if who is For.USERS or name == "member":
        return {"in", "password"}
    return {"missing", "password"} if who is For.OWNERS else {"missing"}


NOT_AS_PAGES = {
    # They lead to the login, or say that one is no staff, and hold nothing
    **dict.fromkeys(("admin/login/", "admin/logout/", "admin/jsi18n/"), frozenset({"in", "forbidden"})),
    # They refuse in JSON, and a node that has no desk puts staff off
    **dict.fromkeys(FOR_SCRIPTS, frozenset({"forbidden", "busy"})),
}
PAGES = {For.EVERYBODY, For.USERS, For.HAVERS}


def test_every_address_has_a_row_and_every_row_an_address():
    assert {route for route in ROUTES if not route.startswith("admin/")} == set(ROWS)
    assert len(ROUTES) > 80


@pytest.mark.parametrize("name", PEOPLE)
def test_who_gets_in(ids: dict[str, Any], name: str):
    wrong = []
    for route in ROUTES:
        may = expected(place_of(route, ids).who, name) | NOT_AS_PAGES.get(route, set())
        wrong += [(route, found) for found in fates(route, name, ids) if found not in may]

    assert wrong == [], wrong


@pytest.mark.parametrize("name", ["stranger", "removed", "staff"])
def test_a_foreign_conversation_is_answered_like_a_missing_one(ids: dict[str, Any], name: str):
    told = {}
    for route in (route for route in ROUTES if ROWS.get(route, (None,))[0] is For.MEMBERS):
        foreign, missing = (place_of(route, {**ids, "conversation": key}) for key in (ids["conversation"], 999_999))
        told[route] = [client_of(name).post(each.path, each.fields) for each in (foreign, missing)]

    assert len(told) >= 3
    for route, (foreign, missing) in told.items():
        assert (foreign.status_code, foreign.content) == (404, missing.content), route


def test_a_password_of_ones_own_opens_nobody_elses_passkeys(ids: dict[str, Any]):
    key = possessions()["pk"]
    for name in ("stranger", "removed", "staff"):
        client = client_of(name)
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        answers = [
            client.post(f"/accounts/2fa/webauthn/keys/{key}/{deed}/", {"name": "x"}) for deed in ("edit", "remove")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]

    assert Authenticator.objects.get(pk=key).data["name"] == "key"


# CSRF


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_no_address_takes_anything_without_the_token(ids: dict[str, Any], kind: str):
    client = client_of("staff", enforce_csrf_checks=True)
    client.get("/accounts/password/change/")  # from now on it has the cookie
    taken = []
    for route in ROUTES:
        place = place_of(route, ids)
        fields = place.fields or {}
        body = json.dumps(fields) if kind == "application/json" else urlencode(fields)
        for method in ("post", "put", "patch", "delete"):
            answer = getattr(client, method)(place.path, body, content_type=kind)
            if answer.status_code != 403:
                taken.append((route, method, answer.status_code))

    assert taken == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil", "http://testserver:81"])
def test_no_address_takes_anything_from_a_page_elsewhere(ids: dict[str, Any], origin: str):
    client = client_of("staff", enforce_csrf_checks=True)
    page = client.get("/accounts/password/change/")
    token = page.context["csrf_token"]
    taken = []
    for route in ROUTES:
        place = place_of(route, ids)
        fields = {**(place.fields or {}), "csrfmiddlewaretoken": str(token)}
        answer = client.post(place.path, fields, headers={"origin": origin, "x-csrftoken": str(token)})
        if answer.status_code != 403:
            taken.append((route, answer.status_code))

    assert taken == []
    own = client.post("/preferences", {"theme": "dark", "csrfmiddlewaretoken": str(token)})
    assert own.status_code == 302


# Headers

STRICT = {
    "default-src": {"'self'"},
    "object-src": {"'none'"},
    "base-uri": {"'none'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "connect-src": {"'self'"},
    "img-src": {"'self'", "data:", "blob:"},
}
OTHERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def lacks(answer: HttpResponse) -> list[str]:
    """What the headers of an answer leave open."""
    said = answer.headers.get("Content-Security-Policy", "none").split("; ")
    policy = {each.split()[0]: set(each.split()[1:]) for each in said}
    scripts = {each for each in policy.pop("script-src", {"none"}) if not each.startswith("'nonce-")}
    found = [f"policy {policy} {scripts}"] if (policy, scripts) != (STRICT, {"'self'"}) else []
    found += [name for name, value in OTHERS.items() if answer.headers.get(name) != value]
    found += ["Permissions-Policy"] if "camera=()" not in answer.headers.get("Permissions-Policy", "") else []
    return found + [name for name in ("Server", "X-Powered-By") if name in answer.headers]


@pytest.mark.parametrize("name", ["anonymous", "member", "staff"])
def test_every_answer_has_the_strict_policy_and_the_other_headers(ids: dict[str, Any], name: str):
    wrong = {}
    for route in ROUTES:
        place = place_of(route, ids)
        for method in ("get", "post", "options"):
            fields = place.fields or {} if method == "post" else {}
            answer = getattr(client_of(name), method)(place.path, fields)
            if lacks(answer):
                wrong[route, method, answer.status_code] = lacks(answer)

    assert wrong == {}


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a bug")


urlpatterns = [path("broken/", broken), path("", include("distchat_site.urls"))]


def test_errors_and_files_have_them_too(ids: dict[str, Any], settings: Settings, tmp_path: Path):
    settings.ROOT_URLCONF = __name__
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "icon.svg").write_text("<svg/>")
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    browser = Client(raise_request_exception=False)
    answers = {
        500: browser.get("/broken/"),
        404: browser.get("/nowhere/"),
        403: Client(enforce_csrf_checks=True).post("/accounts/login/"),
        400: browser.get("/", headers={"host": "evil.example"}),
        405: browser.get("/preferences"),
        429: [browser.post("/accounts/login/", {"login": "x", "password": "y"}) for _ in range(2)][-1],
        200: browser.get("/static/icon.svg"),
    }
    settings.SECURE_SSL_REDIRECT = True
    answers[301] = Client().get("/accounts/login/")

    assert {answer.status_code for answer in answers.values()} == set(answers)
    assert {code: lacks(answer) for code, answer in answers.items() if lacks(answer)} == {}
