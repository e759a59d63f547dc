"""Language, theme, silence and unread marks: who may choose them, in which spelling, and what holds afterwards."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from chat.actions.marks import Setting, Settled, settle
from chat.models import Conversation, Membership, Message
from chat.node import Node
from chat.wire.errors import ChatError
from tests.unit.running_node import running

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


def browser_of(user: User | None, **options: Any) -> Client:
    client = Client(**options)
    if user is not None:
        client.force_login(user, backend=MODEL_BACKEND)
    return client


def send(client: Client, path: str, fields: object) -> HttpResponse:
    return client.post(path, json.dumps(fields), content_type="application/json")


def made_conversation(ann: User, bob: User) -> Conversation:
    """Ten messages of Bob's, all of them read by Ann."""
    now = timezone.now()
    conversation = Conversation.objects.create(kind="group", title="Plans", head=10, member_count=2)
    for user in (ann, bob):
        Membership.objects.create(conversation=conversation, user=user, joined_at=now, updated_at=now, read_seq=10)
    for seq in range(1, 11):
        Message.objects.create(conversation=conversation, seq=seq, changed_seq=seq, sender=bob, text="x", at=now)
    return conversation


@pytest.fixture
def ann(transactional_db: None) -> User:
    return User.objects.create_user("ann", "ann@example.com", "correct horse battery", display_name="Ann")


@pytest.fixture
def bob(transactional_db: None) -> User:
    return User.objects.create(username="bob")


@pytest.fixture
def group(ann: User, bob: User) -> int:
    return made_conversation(ann, bob).pk


@pytest.fixture
def node(transactional_db: None) -> Iterator[Node]:
    with running() as node:
        yield node


def mine(user: User) -> tuple[int, bool]:
    row = Membership.objects.get(user=user)
    return row.read_seq, row.muted


# Language and theme


@pytest.mark.parametrize("as_json", [True, False])
def test_what_is_chosen_is_stored_and_shown_on_every_page(ann: User, as_json: bool):
    browser, fields = browser_of(ann), {"language": "zh-hans", "theme": "dark"}
    response = send(browser, "/preferences", fields) if as_json else browser.post("/preferences", fields)
    assert (response.json() if as_json else response.url) == (fields if as_json else "/")
    ann.refresh_from_db()
    assert (ann.language, ann.theme) == ("zh-hans", "dark")
    elsewhere = browser_of(ann, headers={"accept-language": "en"}).get("/accounts/preferences/").content.decode()
    assert '<html lang="zh-hans" data-theme="dark">' in elsewhere


def test_one_of_both_may_be_chosen_alone(ann: User):
    browser = browser_of(ann)
    assert send(browser, "/preferences", {"theme": "light"}).json() == {"language": "", "theme": "light"}
    assert send(browser, "/preferences", {"language": "en"}).json() == {"language": "en", "theme": "light"}


@pytest.mark.parametrize(
    "fields",
    [
        {"language": "fr"},
        {"theme": "pink"},
        {"theme": "dark", "language": "xx"},
        {"theme": 1},
        [],
        "x",
        {"theme": None},
    ],
)
def test_what_does_not_exist_is_refused_whole(ann: User, fields: object):
    response = send(browser_of(ann), "/preferences", fields)
    assert (response.status_code, response.json()["error"]) == (400, "bad_command")
    ann.refresh_from_db()
    assert (ann.language, ann.theme) == ("", "system")


def test_the_page_to_log_in_on_keeps_the_language_and_theme_of_its_browser(ann: User):
    browser = browser_of(None)
    assert browser.post("/preferences", {"language": "zh-hans", "theme": "dark"}).status_code == 302
    assert '<html lang="zh-hans" data-theme="dark">' in browser.get("/accounts/login/").content.decode()
    browser.post("/preferences", {"language": "", "theme": "system"})
    assert '<html lang="en">' in browser.get("/accounts/login/").content.decode()


def test_a_form_leads_back_to_its_page_and_nowhere_else(ann: User):
    browser = browser_of(ann)
    assert browser.post("/preferences", {"theme": "dark", "next": "/devices/"}).url == "/devices/"
    assert browser.post("/preferences", {"theme": "dark", "next": "https://evil.example/"}).url == "/"


# Silence and unread


def test_muting_and_unmuting_holds_for_the_one_who_asks(ann: User, bob: User, group: int, node: Node):
    browser = browser_of(ann)
    answer = {"read_seq": 10, "unread": 0}
    assert send(browser, f"/conversations/{group}/mute", {"on": True}).json() == {**answer, "muted": True}
    assert (mine(ann), mine(bob)) == ((10, True), (10, False))
    assert browser.post(f"/conversations/{group}/mute", {"on": "false"}).json() == {**answer, "muted": False}
    assert mine(ann) == (10, False)


def test_what_is_marked_unread_counts_again_and_is_never_marked_read(ann: User, bob: User, group: int, node: Node):
    browser = browser_of(ann)
    said = [send(browser, f"/conversations/{group}/unread", {"seq": seq}).json() for seq in (8, 9, 1, 0)]
    assert [(each["read_seq"], each["unread"]) for each in said] == [(7, 3), (7, 3), (0, 10), (0, 10)]
    assert (mine(ann), mine(bob)) == ((0, False), (10, False))


@pytest.mark.parametrize(("act", "fields"), [("mute", {"on": True}), ("unread", {"seq": 3})])
def test_strangers_former_members_and_missing_conversations_are_not_found(
    ann: User, bob: User, group: int, node: Node, act: str, fields: dict[str, object]
):
    eve = User.objects.create(username="eve")
    Membership.objects.filter(user=bob).update(left_at=timezone.now())
    asked = [(eve, group), (bob, group), (ann, group + 1), (ann, 10**30)]
    answers = [send(browser_of(user), f"/conversations/{which}/{act}", fields) for user, which in asked]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert [answer.json()["error"] for answer in answers] == ["not_found"] * 4
    assert (mine(ann), mine(bob)) == ((10, False), (10, False))


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        *(("mute", each) for each in ({}, {"on": "yes"}, {"on": 2}, {"on": None}, [], "on")),
        *(("unread", each) for each in ({}, {"seq": -1}, {"seq": "x"}, {"seq": True}, {"seq": "٣"}, {"seq": "9" * 40})),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(ann: User, group: int, act: str, fields: object):
    assert send(browser_of(ann), f"/conversations/{group}/{act}", fields).status_code == 400
    assert mine(ann) == (10, False)


@pytest.mark.parametrize("path", ["/preferences", "/conversations/1/mute", "/conversations/1/unread"])
def test_a_page_of_another_site_changes_nothing(ann: User, path: str):
    assert browser_of(ann, enforce_csrf_checks=True).post(path, {"theme": "dark"}).status_code == 403
    assert browser_of(ann).get(path).status_code == 405


def test_a_flood_of_choices_is_told_to_wait(ann: User, settings: Settings):
    settings.ACCOUNT_RATE_LIMITS = {"choice": "2/m/user"}
    browser = browser_of(ann)
    answers = [send(browser, "/preferences", {"theme": theme}) for theme in ("dark", "light", "system")]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["error"] == "rate_limited"
    assert send(browser, "/conversations/1/mute", {"on": True}).status_code == 429
    ann.refresh_from_db()
    assert ann.theme == "light"


def test_without_a_login_there_is_nothing_to_mute(group: int):
    answer = browser_of(None).post(f"/conversations/{group}/mute", {"on": "true"})
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, "/accounts/login/")


def test_where_no_node_runs_the_answer_says_to_try_again(ann: User, group: int):
    answer = send(browser_of(ann), f"/conversations/{group}/mute", {"on": True})
    assert (answer.status_code, answer.json()["retryable"]) == (503, True)


def test_a_setting_costs_the_same_with_one_conversation_and_with_many(ann: User, bob: User, group: int):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert settle(Setting(group, ann.pk, unread_from=6)).unread == 5
        return len(captured)

    first = queries()
    for _ in range(20):
        made_conversation(ann, bob)
    Membership.objects.filter(user=ann).update(read_seq=10)
    assert queries() == first


def test_a_setting_that_changes_nothing_is_no_news(ann: User, group: int):
    assert settle(Setting(group, ann.pk, muted=False)) == Settled(10, 0, False, False)
    assert settle(Setting(group, ann.pk, muted=True)) == Settled(10, 0, True, True)
    with pytest.raises(ChatError):
        settle(Setting(group + 1, ann.pk, muted=True))
