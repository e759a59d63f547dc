"""The devices page: one's own devices with all that helps to know them, at a fixed price, and where they are now."""

import asyncio
from uuid import UUID, uuid4

from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.devices import revoke_device
from accounts.models import User
from tests.unit.accounts.people import register_device
from tests.unit.running_node import running
from tests.unit.test_preferences import ann, bob, browser_of

__all__ = ["ann", "bob"]

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


def page_of(browser: Client, language: str = "en") -> str:
    return browser.get("/devices/", headers={"accept-language": language}).content.decode()


def test_a_device_is_shown_with_browser_address_and_whether_it_is_this_one(ann: User):
    browser = browser_of(ann)
    session_key = browser.session.session_key
    UserSession.objects.create(user=ann, session_key=session_key, ip="10.0.0.1", user_agent=FIREFOX)
    register_device(ann, uuid4(), name="at home", address="2001:db8::7", session_key=session_key)
    register_device(ann, uuid4(), name="bot", platform="my bot", address="10.0.0.9")
    page = page_of(browser)
    assert [
        word for word in ("at home", "Firefox 128 on Linux", "2001:db8::7", "my bot", "10.0.0.9") if word not in page
    ] == []
    assert page.index("this device") < page.index("10.0.0.9")
    assert page.count("this device</span>") == 1
    assert "Linux 上的 Firefox 128" in page_of(browser, "zh-hans")


def test_devices_of_others_and_revoked_ones_are_not_shown(ann: User, bob: User):
    register_device(bob, uuid4(), name="phone of bob")
    revoke_device(ann, register_device(ann, uuid4(), name="lost phone"))
    page = page_of(browser_of(ann))
    assert [word for word in ("phone of bob", "lost phone", "Revoke all others") if word in page] == []
    assert "No device has connected yet." in page


def test_the_node_of_a_device_that_is_online_is_named(ann: User):
    here, away = UUID(int=1), UUID(int=2)
    register_device(ann, here, name="online one")
    register_device(ann, away, name="other one")
    with running() as node:
        asyncio.run_coroutine_threadsafe(node.presence.arrive(ann.pk, str(here)), node.loop).result(5)
        page = page_of(browser_of(ann))
    assert page.count(f"online on {node.name}") == 1
    assert page.index("online one") < page.index(f"online on {node.name}") < page.index("other one")


def test_the_page_costs_the_same_with_one_device_and_with_thirty(ann: User):
    browser = browser_of(ann)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/devices/").status_code == 200
        return len(captured)

    register_device(ann, uuid4())
    one = queries()
    for _ in range(29):
        register_device(ann, uuid4())
    assert queries() == one


def test_a_name_is_shown_as_text(ann: User):
    register_device(ann, uuid4(), name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in page_of(browser_of(ann))


def test_the_page_is_ones_own_only_read_and_kept_by_no_cache(ann: User):
    assert Client().get("/devices/").url == "/accounts/login/?next=/devices/"
    assert browser_of(ann).post("/devices/").status_code == 405
    assert "no-store" in browser_of(ann).get("/devices/").headers["Cache-Control"]
