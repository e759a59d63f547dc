"""Every page, in both languages, is complete and keeps to a strict content security policy."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from uuid import uuid4

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.utils.translation import gettext, ngettext, override
from pytest_django import Settings

from accounts.models import User
from tests.unit.accounts.people import register_device

from .people import PASSWORD
from .test_login import reset_link

pytestmark = pytest.mark.django_db


class Inspector(HTMLParser):
    """Collects what a strict policy would refuse, the assets that a page names, and its fields without label."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.assets: list[str] = []
        self.language = ""
        self.labelled: set[str] = set()
        self.fields: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        inline = [name for name in named if name == "style" or name.startswith("on")]
        scripted = [value for value in named.values() if (value or "").strip().lower().startswith("javascript:")]
        is_allowed = "src" in named or named.get("type") == "application/json" or bool(named.get("nonce"))
        self.refused += inline + scripted
        self.refused += [tag] if tag == "style" or (tag == "script" and not is_allowed) else []
        self.assets += [value for name, value in attrs if name in ("src", "href") and "/static/" in f"/{value}"]
        if tag == "html":
            self.language = named["lang"] or ""
        if tag == "label" and named.get("for"):
            self.labelled.add(named["for"] or "")
        if tag in ("input", "select", "textarea") and named.get("type") not in ("hidden", "submit"):
            self.fields.add(named.get("id") or "")


def inspect(response: HttpResponse) -> Inspector:
    inspector = Inspector()
    inspector.feed(response.content.decode())
    return inspector


OPEN_PAGES = [
    ("/accounts/login/", 200),
    ("/accounts/signup/", 200),
    ("/accounts/password/reset/", 200),
    ("/accounts/password/reset/done/", 200),
    ("/accounts/password/reset/key/1-wrong-key/", 200),
    ("/accounts/password/reset/key/done/", 200),
    ("/accounts/inactive/", 200),
    ("/accounts/confirm-email/", 200),
    ("/accounts/confirm-email/wrong/", 200),
]
OWN_PAGES = [
    ("/", 200),
    ("/devices/", 200),
    ("/accounts/preferences/", 200),
    ("/accounts/sessions/", 200),
    ("/accounts/2fa/", 200),
    ("/accounts/2fa/webauthn/", 200),
    ("/accounts/email/", 200),
    ("/accounts/password/change/", 200),
    ("/accounts/logout/", 200),
    ("/accounts/reauthenticate/", 200),
]
LANGUAGES = [("en", "en"), ("zh-hans", "zh-hans")]


def check(response: HttpResponse, status: int, language: str) -> None:
    page = inspect(response)
    assert response.status_code == status
    assert (page.refused, page.language, page.fields - page.labelled) == ([], language, set())
    assert [asset for asset in page.assets if finders.find(asset.removeprefix("/static/")) is None] == []
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("path", "status"), OPEN_PAGES)
def test_a_page_for_everybody_is_clean(path: str, status: int, language: str):
    check(Client(headers={"accept-language": language}).get(path), status, language)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("path", "status"), OWN_PAGES)
def test_a_page_of_ones_own_is_clean(ann: User, browser: Client, path: str, status: int, language: str):
    register_device(ann, uuid4(), name="Firefox <b>on</b> Linux", session_key=browser.session.session_key)
    register_device(ann, uuid4(), name="phone")
    check(browser.get(path, headers={"accept-language": language}), status, language)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_behind_a_second_look_at_the_password_are_clean(ann: User, language: str):
    client = Client(headers={"accept-language": language})
    client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})
    assert client.get("/accounts/2fa/totp/activate/").url.startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    check(client.get("/accounts/2fa/totp/activate/"), 200, language)
    check(client.get("/accounts/2fa/webauthn/add/"), 200, language)
    TOTP.activate(ann, generate_totp_secret())
    RecoveryCodes.activate(ann)
    for page in ("recovery-codes/", "recovery-codes/generate/", "totp/deactivate/", ""):
        check(client.get(f"/accounts/2fa/{page}"), 200, language)
    stranger = Client(headers={"accept-language": language})
    check(stranger.post("/accounts/login/", {"login": "ann", "password": PASSWORD}, follow=True), 200, language)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_form_behind_a_reset_link_is_clean(ann: User, language: str):
    client = Client(headers={"accept-language": language})
    client.post("/accounts/password/reset/", {"email": "ann@example.com"})
    assert len(mail.outbox) == 1
    check(client.get(reset_link(), follow=True), 200, language)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_form_with_mistakes_is_clean(ann: User, language: str):
    client = Client(headers={"accept-language": language})
    check(client.post("/accounts/login/", {"login": "ann", "password": "wrong"}), 200, language)
    check(client.post("/accounts/signup/", {"username": "ann", "password1": "1", "password2": "2"}), 200, language)


def test_what_django_itself_leaves_in_english_is_chinese():
    client = Client(headers={"accept-language": "zh-hans"})
    page = client.post("/accounts/signup/", {"username": "new", "password1": "1", "password2": "1"}).content.decode()
    assert "密码太短，至少需要 8 个字符。" in page
    assert "too short" not in page


def test_a_secret_that_cannot_be_scanned_is_there_in_full_and_can_be_copied(browser: Client):
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = browser.get("/accounts/2fa/totp/activate/").content.decode()
    assert re.search(r'<textarea id="authenticator_secret" rows="2" readonly>[A-Z2-7]{32}</textarea>', page)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_refusal_is_a_page_like_the_others(ann: User, browser: Client, settings: Settings, language: str):
    settings.DEBUG = False
    client = Client(enforce_csrf_checks=True, headers={"accept-language": language})
    check(client.get("/nowhere/"), 404, language)
    check(client.post("/accounts/login/", {}), 403, language)
    check(browser.get("/admin/", headers={"accept-language": language}, follow=True), 403, language)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_too_many_attempts_are_told_on_a_page_like_the_others(settings: Settings, language: str):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    client = Client(headers={"accept-language": language})
    client.post("/accounts/login/", {"login": "x", "password": "y"})
    check(client.post("/accounts/login/", {"login": "x", "password": "y"}), 429, language)


def test_a_device_name_is_shown_as_text(ann: User, browser: Client):
    register_device(ann, uuid4(), name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in browser.get("/devices/").content.decode()


def test_the_language_is_switched_by_a_form(ann: User, browser: Client):
    assert browser.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"}).url == "/"
    assert 'lang="zh-hans"' in browser.get("/").content.decode()


def marked_in(module: Path) -> Iterator[str]:
    calls = (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call))
    for call in calls:
        name = getattr(call.func, "id", "")
        if name in ("_", "gettext", "gettext_lazy", "ngettext") and isinstance(call.args[0], ast.Constant):
            yield str(call.args[0].value)


def own_words() -> set[str]:
    """Every text of our templates and Python that is marked for translation, of plurals the singular."""
    root = Path(settings.BASE_DIR)
    words: set[str] = set()
    for template in (root / "templates").rglob("*.html"):
        words.update(re.findall(r"""{% translate ["'](.+?)["'] %}""", template.read_text()))
        for text in re.findall(r"{% blocktranslate(?! count).*?%}(.*?){% endblocktranslate %}", template.read_text()):
            words.add(re.sub(r"{{ (\w+) }}", r"%(\1)s", text))
    for module in [
        *(root / "accounts").rglob("*.py"),
        *(root / "chat").glob("*.py"),
        *(root / "chat/admin").glob("*.py"),
    ]:
        words.update(marked_in(module))
    return words


def test_our_own_words_are_translated():
    words = own_words()
    assert {"Conversations", "online on %(node)s", "API token"} <= words
    with override("zh-hans"):
        assert {word for word in words if gettext(word) == word == ngettext(word, word, 1)} == set()
