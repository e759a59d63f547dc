"""The page of the chat: who gets it, what is written into it, and that every file it names is there."""

import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from accounts.models import User
from chat.modules import IMPORTS, SHEETS, STATIC, modules_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", "ann@example.com", "a good long password", display_name="Ann </script> Lee")


@pytest.fixture
def browser(ann: User) -> Client:
    client = Client()
    client.force_login(ann, backend="django.contrib.auth.backends.ModelBackend")
    return client


def data_of(page: str) -> dict:
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1])


def test_a_stranger_is_sent_to_the_login_and_back_to_the_same_message():
    assert Client().get("/c/7/41/").headers["Location"] == "/accounts/login/?next=/c/7/41/"


@pytest.mark.parametrize("path", ["/", "/c/7/", "/c/7/41/"])
def test_every_address_of_a_conversation_is_the_same_page(browser: Client, path: str):
    response = browser.get(path)
    assert (response.status_code, response.templates[0].name) == (200, "chat/app.html")


def test_an_address_that_names_no_number_is_not_found(browser: Client):
    assert browser.get("/c/seven/").status_code == 404


def test_the_page_says_who_is_there_and_nothing_can_break_out_of_it(browser: Client, ann: User):
    data = data_of(browser.get("/").content.decode())
    assert data["user"] == {"id": ann.pk, "username": "ann", "name": "Ann </script> Lee"}
    assert sorted(data) == ["csrf", "language", "node", "now", "theme", "urls", "user"]


def test_the_way_to_the_administration_is_shown_to_staff_alone(browser: Client, ann: User):
    before = data_of(browser.get("/").content.decode())["urls"]["admin"]
    User.objects.filter(pk=ann.pk).update(is_staff=True)
    after = data_of(browser.get("/").content.decode())["urls"]["admin"]
    assert (before, after) == ("", "/admin/")


def test_scripts_and_styles_are_files_and_the_only_inline_script_has_the_nonce(browser: Client):
    response = browser.get("/")
    page = response.content.decode()
    nonce = re.search(r"'nonce-([^']+)'", response.headers["Content-Security-Policy"])[1]
    inline = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag and "application/json" not in tag]
    assert inline == [f'<script type="importmap" nonce="{nonce}">']
    assert re.findall(r"<style|\sstyle=|\son\w+=", page) == []


def test_every_file_that_the_page_names_is_there(browser: Client):
    page = browser.get("/").content.decode()
    named = [*re.findall(r'"/static/([^"]+)"', page), *IMPORTS.values(), *SHEETS]
    assert [name for name in named if finders.find(name) is None] == []


def test_the_page_asks_at_once_for_every_module_that_main_needs():
    needed = modules_of("en")
    assert {"chat/js/main.js", "chat/js/view/app.js", "chat/js/state/store.js", IMPORTS["preact"]} <= set(needed)
    assert [name for name in needed if not (STATIC / name).is_file()] == []


def test_only_the_language_that_is_spoken_is_loaded():
    spoken = {code: [name for name in modules_of(code) if "/words/" in name] for code in ("en", "zh-hans")}
    assert spoken == {
        "en": ["chat/js/words/en.js", "chat/js/words/index.js"],
        "zh-hans": ["chat/js/words/index.js", "chat/js/words/zh_hans.js"],
    }


def test_without_scripts_the_page_says_what_is_needed(browser: Client):
    assert "JavaScript is needed" in browser.get("/").content.decode()


def test_the_page_is_kept_by_no_cache(browser: Client):
    assert "no-store" in browser.get("/").headers["Cache-Control"]


def test_the_theme_that_the_user_chose_is_there_from_the_first_byte(browser: Client, ann: User):
    User.objects.filter(pk=ann.pk).update(theme="dark")
    assert '<html lang="en" data-theme="dark">' in browser.get("/").content.decode()


def test_the_page_is_only_read(browser: Client):
    assert browser.post("/").status_code == 405
