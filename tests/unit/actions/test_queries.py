"""The reads of the doors: pages of the past, unread counts, names, and what they cost."""

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.programs import ensure_assistant
from chat.log.changes import Delete
from chat.log.creating import create_group
from chat.models import AssistantSettings
from chat.queries import PAGE_BYTES, Page, conversations_of, history, history_around, members_for, users_named
from chat.wire.errors import ChatError
from tests.unit.log.conftest import posted


def places(page: Page) -> list[int]:
    return [orjson.loads(body)["seq"] for body in page.messages]


@pytest.fixture
def long_group(group: int, ann: User, append) -> int:
    """Messages 1 to 20."""
    append(*(posted(group, ann, f"{i}") for i in range(19)))
    return group


@pytest.mark.parametrize(
    ("before", "limit", "expected", "has_more"),
    [
        (None, 5, [16, 17, 18, 19, 20], True),
        (16, 5, [11, 12, 13, 14, 15], True),
        (6, 5, [1, 2, 3, 4, 5], False),
        (3, 5, [1, 2], False),
        (1, 5, [], False),
        (999, 2, [19, 20], True),
    ],
)
def test_pages_lead_back_to_the_beginning(long_group: int, bob: User, before, limit, expected, has_more):
    page = history(bob.pk, long_group, before, limit)

    assert (places(page), page.has_more, page.has_newer) == (expected, has_more, None)


@pytest.mark.parametrize(
    ("around", "limit", "expected", "has_more", "has_newer"),
    [
        (10, 4, [9, 10, 11, 12], True, True),
        (1, 4, [1, 2, 3], False, True),
        (20, 4, [19, 20], True, False),
        (10, 200, list(range(1, 21)), False, False),
        (10, 1, [10], True, True),
    ],
)
def test_a_page_around_a_place_knows_both_ends(
    long_group: int, bob: User, around, limit, expected, has_more, has_newer
):
    page = history_around(bob.pk, long_group, around, limit)

    assert (places(page), page.has_more, page.has_newer) == (expected, has_more, has_newer)


def test_a_page_of_long_messages_is_cut_where_a_frame_is_full(group: int, ann: User, bob: User, append):
    append(*(posted(group, ann, "文" * 8000) for _ in range(20)))

    page = history(bob.pk, group, None, 200)

    assert sum(map(len, page.messages)) <= PAGE_BYTES
    assert (places(page), page.has_more) == (list(range(22 - len(page.messages), 22)), True)
    assert len(page.messages) == PAGE_BYTES // (len(page.messages[0]) + 1)


def test_strangers_are_told_that_there_is_nothing(long_group: int, eve: User):
    for read in (lambda: history(eve.pk, long_group, None, 5), lambda: history_around(eve.pk, long_group, 5, 5)):
        with pytest.raises(ChatError) as refused:
            read()
        assert refused.value.code.value == "not_found"


def test_unread_counts_what_others_said_and_has_not_been_deleted(group: int, ann: User, bob: User, append):
    append(posted(group, ann), posted(group, ann), posted(group, bob), posted(group, ann))
    append(Delete(group, ann.pk, 3))

    assert [row.unread for row in conversations_of([bob.pk])[bob.pk]] == [2]
    assert [row.unread for row in conversations_of([ann.pk])[ann.pk]] == [1]


def test_unread_is_counted_to_a_thousand_and_no_further(group: int, ann: User, bob: User, append):
    append(*(posted(group, ann, f"{i}") for i in range(1010)))

    assert conversations_of([bob.pk])[bob.pk][0].unread == 1000


def test_the_number_of_queries_does_not_grow_with_the_conversations(ann: User, bob: User, carol: User):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            conversations_of([ann.pk])[ann.pk]
        return len(captured)

    create_group(ann.pk, "One", [bob.pk])
    few = queries()
    for i in range(30):
        create_group(ann.pk, f"Group {i}", [bob.pk, carol.pk])

    assert queries() == few <= 2
    assert len(conversations_of([ann.pk])[ann.pk]) == 31


def test_many_users_cost_no_more_queries_than_one_and_get_the_same(ann: User, bob: User, carol: User, append):
    group = create_group(ann.pk, "One", [bob.pk]).conversation
    create_group(ann.pk, "Two", [bob.pk, carol.pk])
    append(posted(group, ann), posted(group, ann), posted(group, bob))
    users = [ann.pk, bob.pk, carol.pk]
    with CaptureQueriesContext(connection) as captured:
        found = conversations_of(users)

    assert len(captured) == 2
    assert found == {user: conversations_of([user])[user] for user in users}
    assert [len(found[user]) for user in users] == [2, 2, 1]


def test_each_user_is_shown_the_newest_thousand(ann: User, bob: User, monkeypatch):
    monkeypatch.setattr("chat.queries.CONVERSATIONS_SHOWN", 2)
    of_bob = [create_group(bob.pk, "His", [bob.pk]).conversation]
    of_ann = [create_group(ann.pk, str(number), [ann.pk]).conversation for number in range(4)]

    found = conversations_of([ann.pk, bob.pk])
    assert [row.id for row in found[ann.pk]] == of_ann[:1:-1]
    assert [row.id for row in found[bob.pk]] == of_bob


def test_names_become_ids_in_their_order_and_once(ann: User, bob: User, carol: User):
    assert users_named(["carol", "ann", "carol"]) == [carol.pk, ann.pk]


@pytest.mark.parametrize("name", ["nobody", "gone", "ANN", ""])
def test_one_name_that_is_nobodys_refuses_all(ann: User, name: str):
    User.objects.create(username="gone", is_active=False)

    with pytest.raises(ChatError) as refused:
        users_named(["ann", name])
    assert refused.value.code.value == "not_found"


def test_a_program_says_that_it_is_built_in_where_no_model_was_chosen(ann: User, settings):
    assistant = ensure_assistant()
    plain, clever = (create_group(ann.pk, title, [assistant.pk]).conversation for title in ("One", "Two"))
    AssistantSettings.objects.create(conversation_id=clever, model="openai:gpt")

    def built_in() -> dict[int, list[bool]]:
        return {row.id: [member.is_built_in for member in row.members] for row in conversations_of([ann.pk])[ann.pk]}

    assert built_in() == {plain: [False, True], clever: [False, False]}
    assert [each.is_built_in for each in members_for(ann.pk, plain, 0, 10)] == [False, True]
    settings.ASSISTANT_MODEL = "openai:gpt"
    AssistantSettings.objects.update(model="builtin")
    assert built_in() == {plain: [False, False], clever: [False, True]}
