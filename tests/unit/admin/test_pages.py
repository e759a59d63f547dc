"""The admin: as fast with 300 rows as with one, read-only where the log rules, and behind the throttled login."""

import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.admin.bounds import MOST_COUNTED
from accounts.models import Device, User
from chat.models import Conversation, Membership
from tests.unit.accounts.test_pages import inspect
from tests.unit.admin.rows import LISTS, newest, populate

pytestmark = pytest.mark.django_db
MANY = 300


def queries_of(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def pages_of(name: str) -> list[str]:
    return [f"/admin/{name}/", f"/admin/{name}/{newest(name).pk}/change/"]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_and_a_page_cost_the_same_with_one_row_and_with_many(staff: Client, name: str):
    populate(range(1))
    for page in pages_of(name):
        staff.get(page)  # fills the cache of content types
    one = [queries_of(staff, page) for page in pages_of(name)]
    populate(range(1, MANY))
    assert [queries_of(staff, page) for page in pages_of(name)] == one


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("name", ["", *LISTS])
def test_pages_keep_to_the_strict_policy(staff: Client, name: str, language: str):
    populate(range(1))
    paths = (
        [*pages_of(name), f"/admin/{name}/?q=in:1+from:root+x", f"{pages_of(name)[1][:-7]}history/"]
        if name
        else ["/admin/", "/admin/chat/", "/admin/accounts/"]
    )
    for path in paths:
        response = staff.get(path, headers={"accept-language": language}, follow=True)
        inspector = inspect(response)
        assert (path, response.status_code, inspector.refused) == (path, 200, [])
        assert inspector.language == language
        assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", LISTS)
def test_no_list_counts_without_a_bound(staff: Client, name: str):
    populate(range(3))
    with CaptureQueriesContext(connection) as captured:
        staff.get(f"/admin/{name}/")
    counts = [query["sql"] for query in captured if "COUNT(" in query["sql"]]
    assert counts
    assert [sql for sql in counts if f"LIMIT {MOST_COUNTED + 1}" not in sql] == []


def test_a_list_that_is_cut_says_so(staff: Client, monkeypatch: pytest.MonkeyPatch):
    populate(range(3))
    assert "There are more" not in staff.get("/admin/chat/conversation/").content.decode()
    monkeypatch.setattr("accounts.admin.bounds.MOST_COUNTED", 2)
    page = staff.get("/admin/chat/conversation/").content.decode()
    assert "There are more: the first 2 are listed." in page


def test_a_conversation_costs_the_same_with_one_member_and_with_fifty(staff: Client):
    populate(range(1))
    conversation, now = Conversation.objects.get(), timezone.now()
    path = f"/admin/chat/conversation/{conversation.pk}/change/"
    queries_of(staff, path)  # fills the cache of content types
    one = queries_of(staff, path)
    for number in range(49):
        user = User.objects.create(username=f"member{number}", password="!x")
        Membership.objects.create(conversation=conversation, user=user, joined_at=now, updated_at=now)
    assert queries_of(staff, path) == one


@pytest.mark.parametrize("name", LISTS)
def test_every_list_can_be_searched(staff: Client, name: str):
    populate(range(2))
    assert staff.get(f"/admin/{name}/", {"q": "person1"}).status_code == 200


READ_ONLY = [name for name in LISTS if name not in ("accounts/user", "account/emailaddress", "auth/group")]


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_forms_may_not_write_is_read_only(staff: Client, name: str):
    populate(range(1))
    model = LISTS[name]
    row, before = model.objects.get(), model.objects.values().get()
    path = f"/admin/{name}/{row.pk}"
    assert staff.get(f"{path}/change/").status_code == 200
    assert staff.post(f"{path}/change/", {"text": "forged", "title": "forged"}).status_code == 403
    assert staff.post(f"{path}/delete/", {"post": "yes"}).status_code == 403
    assert staff.get(f"/admin/{name}/add/").status_code == 403
    staff.post(f"/admin/{name}/", {"action": "delete_selected", "post": "yes", "_selected_action": [row.pk]})
    assert model.objects.values().get() == before


def test_the_digest_of_a_token_and_session_keys_are_not_shown(staff: Client):
    populate(range(1))
    user = User.objects.get(username="person0")
    device, token = user.devices.get(), user.api_tokens.get()
    Device.objects.update(session_key="k" * 32)
    pages = [f"/admin/accounts/device/{device.pk}/change/", f"/admin/accounts/apitoken/{token.pk}/change/"]
    shown = "".join(staff.get(page).content.decode() for page in pages)
    assert token.prefix in shown
    assert token.digest not in shown
    assert "k" * 32 not in shown


def test_links_between_objects_lead_somewhere(staff: Client):
    populate(range(1))
    for name in LISTS:
        for page in pages_of(name):
            body = staff.get(page).content.decode().partition('id="content-start"')[2]
            assert "&lt;a href" not in body
            for link in set(re.findall(r'<a href="(/admin/[^"]+)"', body)):
                assert (link, staff.get(html.unescape(link), follow=True).status_code) == (link, 200)
