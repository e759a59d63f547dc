"""Read positions and drafts as they are saved, many at once."""

import pytest

from accounts.models import User
from chat.actions.marks import Mark, Marked, save_marks
from chat.log.fence import AccessMemory
from chat.models import Conversation, Membership
from chat.wire.errors import ChatError
from tests.unit.log.conftest import posted


@pytest.fixture
def busy_group(group: int, ann: User, append) -> int:
    """Its head is at 5."""
    append(*(posted(group, ann, f"{i}") for i in range(4)))
    return group


def test_a_read_position_goes_forward_and_never_back_nor_past_the_head(busy_group: int, bob: User):
    results = [save_marks([Mark(busy_group, bob.pk, read_seq=seq)], AccessMemory())[0] for seq in (3, 2, 0, 5, 1000)]

    assert results == [
        Marked(3, "", 2, True),
        Marked(3, "", 2, False),
        Marked(3, "", 2, False),
        Marked(5, "", 2, True),
        Marked(5, "", 2, False),
    ]
    assert Membership.objects.get(user=bob, conversation=busy_group).read_seq == 5


def test_several_marks_of_one_batch_hold_in_their_order(busy_group: int, ann: User, bob: User):
    marks = [
        Mark(busy_group, bob.pk, draft="h"),
        Mark(busy_group, bob.pk, read_seq=4),
        Mark(busy_group, ann.pk, draft="Dear Bob"),
        Mark(busy_group, bob.pk, draft="hello"),
        Mark(busy_group, bob.pk, read_seq=2),
    ]

    results = save_marks(marks, AccessMemory())

    assert results == [
        Marked(1, "h", 2, True),
        Marked(4, "h", 2, True),
        Marked(1, "Dear Bob", 2, True),
        Marked(4, "hello", 2, True),
        Marked(4, "hello", 2, False),
    ]
    rows = Membership.objects.filter(conversation=busy_group).order_by("user_id")
    assert list(rows.values_list("read_seq", "draft")) == [(1, "Dear Bob"), (4, "hello")]


def test_saving_the_same_draft_again_is_no_news_and_an_empty_one_clears_it(busy_group: int, bob: User):
    results = [save_marks([Mark(busy_group, bob.pk, draft=text)], AccessMemory())[0] for text in ("x", "x", "", "")]

    assert [(each.draft, each.is_new) for each in results] == [("x", True), ("x", False), ("", True), ("", False)]


def test_strangers_former_members_and_missing_conversations_are_all_refused_alike(
    busy_group: int, ann: User, bob: User, eve: User
):
    Membership.objects.filter(user=bob).update(left_at=Membership.objects.get(user=bob).joined_at)
    missing = Conversation.objects.order_by("-pk").first().pk + 1

    results = save_marks(
        [
            Mark(busy_group, eve.pk, read_seq=1),
            Mark(busy_group, bob.pk, draft="x"),
            Mark(missing, ann.pk, read_seq=1),
            Mark(busy_group, ann.pk, read_seq=2),
        ],
        AccessMemory(),
    )

    assert [each.code.value for each in results if isinstance(each, ChatError)] == ["not_found"] * 3
    assert results[3] == Marked(2, "", 2, True)
    assert not Membership.objects.filter(user=eve).exists()


def test_nothing_new_writes_nothing(busy_group: int, bob: User, django_assert_num_queries):
    save_marks([Mark(busy_group, bob.pk, read_seq=5)], AccessMemory())
    with django_assert_num_queries(3):  # savepoint, one read, release
        save_marks([Mark(busy_group, bob.pk, read_seq=5)], AccessMemory())
