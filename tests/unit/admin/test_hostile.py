"""What no page of the admin sends, and may be sent all the same: an answer that says no, never a traceback."""

import pytest
from django.test import Client

from accounts.admin.bounds import SEARCH_CHARS
from accounts.models import Device, User
from chat.models import Conversation, Message
from tests.unit.admin.rows import LISTS, newest, populate, signed_in, with_rights

pytestmark = pytest.mark.django_db

SEARCHES = [
    "%",
    "_",
    "'",
    '"',
    "\\",
    "a\0b",
    "in:a\0 from:\0",
    "in:99999999999999999999999999",
    "in:-1",
    "in:²",
    "in: from: before:",
    "from:nobody",
    "before:2026-99-99",
    "before:9999-12-31",
    "before:0001-01-01",
    "in:1 from:person0 before:2030-01-01 secret",
    "x" * 10_000,
    "a " * 5_000,
    "%" * 10_000,
    "汉" * 10_000,
    "🙂",
    "<script>alert(1)</script>",
    "') OR 1=1 --",
]


@pytest.mark.parametrize("name", LISTS)
def test_a_search_may_be_anything(staff: Client, name: str):
    populate(range(2))
    for search in SEARCHES:
        answer = staff.get(f"/admin/{name}/", {"q": search})
        assert (search[:20], answer.status_code) == (search[:20], 200)
        assert "<script>alert" not in answer.content.decode()


def test_what_a_search_means_to_a_database_means_nothing_here(staff: Client):
    populate(range(3))
    Message.objects.filter(conversation__title="title 1").update(text="100% of _it_")
    for words, found in [("%", 1), ("_it_", 1), ("_", 1), ("s%t", 0), ("secret", 2), ("SECRET", 2), ("'", 0)]:
        assert (words, staff.get("/admin/chat/message/", {"q": words}).context["cl"].result_count) == (words, found)


def test_a_search_that_is_cut_says_so(staff: Client):
    said = f"Only the first {SEARCH_CHARS} characters are searched for."
    assert said in staff.get("/admin/accounts/user/", {"q": "x" * (SEARCH_CHARS + 1)}).content.decode()
    assert said not in staff.get("/admin/accounts/user/", {"q": "x" * SEARCH_CHARS}).content.decode()


@pytest.mark.parametrize("name", LISTS)
def test_a_row_that_is_not_there_has_no_page(staff: Client, name: str):
    populate(range(1))
    for pk in ["0", "-1", "9" * 30, "abc", "1;2", "%00", "../1", "汉", "1e5", "x" * 5000]:
        for page in ("change", "history", "delete"):
            answer = staff.get(f"/admin/{name}/{pk}/{page}/")
            assert (pk, page, answer.status_code in (302, 403, 404)) == (pk, page, True)


@pytest.mark.parametrize("name", LISTS)
def test_an_action_on_what_is_not_there_does_nothing(staff: Client, name: str):
    populate(range(1))
    actions = list(staff.get(f"/admin/{name}/").context["cl"].model_admin.actions or [])
    for action in actions:
        for pk in ["0", "-1", "9" * 30, "abc", "\0", "", "00000000-0000-0000-0000-000000000000", "汉"]:
            words = {"action": action, "confirmed": "yes", "_selected_action": [pk]}
            answer = staff.post(f"/admin/{name}/", words)
            assert (pk, answer.status_code in (200, 302, 400)) == (pk, True)
        many = {
            "action": action,
            "index": "x",
            "confirmed": "yes",
            "select_across": "?",
            "_selected_action": ["1", "a"],
        }
        assert staff.post(f"/admin/{name}/", many).status_code == 400
    assert (Device.objects.live().count(), User.objects.filter(is_active=False).count()) == (1, 0)


DATES = ("created_at", "last_seen_at", "last_used_at", "date_joined", "last_active_at")
TIMES = ("abc", "9999-99-99", "0001-01-01 00:00%2B14:00", "9999-12-31 23:59-14:00", "99999-01-01", "%00")
FILTERS = [
    "p=abc",
    "p=99999999999999999999",
    "p=-1",
    "o=99.-99.x",
    "all=1",
    "e=1",
    "_popup=1&_to_field=password",
    "created_at__year=99999",
    "created_at__gte=abc",
    "last_seen_at__gte=9999-99-99&last_seen_at__lt=%00",
    "date_joined__isnull=x",
    *(f"{name}__{sign}={time}" for name in DATES for sign in ("gte", "lt") for time in TIMES),
    "last_active_at__year__gt=99999999999999",
    "is_active__exact=abc",
    "is_active__exact=%00",
    "kind__exact=%00",
    "status__exact=nonsense",
    "revoked_at__isempty=maybe",
    "_changelist_filters=%00%ff",
    "_facets=True",
    "nonsense__exact=1",
]


@pytest.mark.parametrize("name", LISTS)
def test_filters_may_be_anything(staff: Client, name: str):
    populate(range(1))
    for query in FILTERS:
        answer = staff.get(f"/admin/{name}/?{query}", follow=True)
        assert (query, answer.status_code in (200, 400)) == (query, True)


GUESSES = [
    ("accounts/device", "session_key__startswith"),
    ("accounts/apitoken", "digest__startswith"),
    ("accounts/user", "password__startswith"),
    ("accounts/device", "user__password__startswith"),
    ("chat/message", "sender__password__startswith"),
    ("chat/message", "text__contains"),
    ("chat/membership", "draft__startswith"),
    ("chat/reminder", "text__startswith"),
    ("chat/turn", "text__startswith"),
    ("accounts/user", "access_version__gt"),
]


@pytest.mark.parametrize(("name", "lookup"), GUESSES)
def test_what_no_page_shows_cannot_be_guessed_by_filters(staff: Client, name: str, lookup: str):
    populate(range(1))
    assert staff.get(f"/admin/{name}/?{lookup}=a").status_code == 400


def test_all_pages_of_a_search_means_what_was_found_and_not_what_is_newest(staff: Client):
    populate(range(3))
    Message.objects.filter(conversation__title="title 0").update(text="needle")
    words = {"action": "remove", "index": "0", "select_across": "1", "_selected_action": [Message.objects.last().pk]}
    asked = staff.post("/admin/chat/message/?q=needle", words).content.decode()
    found = Message.objects.get(text="needle")
    assert asked.count('name="_selected_action"') == 1
    assert f'name="_selected_action" value="{found.pk}"' in asked


def test_texts_of_people_are_shown_as_text(staff: Client):
    populate(range(1))
    bad = "<script>alert(1)</script>"
    Message.objects.update(text=bad)
    Conversation.objects.update(title=bad)
    User.objects.update(display_name=bad)
    Device.objects.update(name=bad)
    for name in LISTS:
        row = newest(name)
        for page in (f"/admin/{name}/", f"/admin/{name}/{row.pk}/change/"):
            assert "<script>alert" not in staff.get(page).content.decode()


def test_drafts_and_the_texts_of_reminders_are_nobodys_business(staff: Client):
    populate(range(1))
    for name in ("chat/membership", "chat/reminder", "chat/chatsession", "chat/turn"):
        assert "secret" not in staff.get(f"/admin/{name}/{newest(name).pk}/change/").content.decode()
    clerk = signed_in(with_rights("view_conversation"))
    assert (
        "secret" not in clerk.get(f"/admin/chat/conversation/{Conversation.objects.get().pk}/change/").content.decode()
    )
