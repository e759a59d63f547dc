"""Who is in a group and what it is called: every change is a message, and takes effect with it."""

from collections.abc import Callable

import orjson
import pytest

from accounts.models import User
from chat.log.append import Result
from chat.log.changes import Invite, Leave, Remove, Rename
from chat.log.outcome import Appended
from chat.models import Conversation, Membership, Message
from tests.unit.log.conftest import place, posted, refusal

Append = Callable[..., list[Result]]

pytestmark = pytest.mark.django_db


def members_of(group: int) -> list[str]:
    rows = Membership.objects.filter(conversation_id=group, left_at=None).order_by("user_id")
    return list(rows.values_list("user__username", flat=True))


def said(group: int, seq: int) -> dict[str, object]:
    return Message.objects.get(conversation=group, seq=seq).data


def test_an_invitation_is_told_and_counts(append: Append, group: int, ann: User, carol: User):
    [joined] = append(Invite(group, ann.pk, carol.pk))
    assert place(joined) == (2, 2)
    assert said(group, 2) == {"action": "joined", "user": carol.pk, "name": "Carol"}
    assert members_of(group) == ["ann", "bob", "carol"]
    assert Conversation.objects.get(pk=group).member_count == 3


def test_someone_invited_can_post_in_the_same_batch(append: Append, group: int, ann: User, carol: User):
    results = append(Invite(group, ann.pk, carol.pk), posted(group, carol))
    assert [place(each) for each in results] == [(2, 2), (3, 3)]


def test_a_new_member_starts_with_everything_read(append: Append, group: int, ann: User, carol: User):
    append(posted(group, ann), posted(group, ann))
    append(Invite(group, ann.pk, carol.pk))
    assert Membership.objects.get(conversation=group, user=carol).read_seq == 4


def test_a_member_is_not_invited_twice(append: Append, group: int, ann: User, bob: User):
    [refused] = append(Invite(group, ann.pk, bob.pk))
    assert refusal(refused) == "conflict"


def test_a_deactivated_user_cannot_be_invited(append: Append, group: int, ann: User, carol: User):
    User.objects.filter(pk=carol.pk).update(is_active=False)
    [refused] = append(Invite(group, ann.pk, carol.pk))
    assert refusal(refused) == "not_found"


def test_whoever_leaves_can_say_nothing_more_even_in_the_same_batch(append: Append, group: int, bob: User):
    left, refused = append(Leave(group, bob.pk), posted(group, bob))
    assert isinstance(left, Appended)
    assert left.committed is not None
    assert left.committed.removed_user == bob.pk
    assert refusal(refused) == "not_found"
    assert members_of(group) == ["ann"]


def test_an_owner_removes_a_member_and_a_member_removes_nobody(append: Append, group: int, ann: User, bob: User):
    [refused] = append(Remove(group, bob.pk, ann.pk))
    [removed] = append(Remove(group, ann.pk, bob.pk))
    assert refusal(refused) == "forbidden"
    assert isinstance(removed, Appended)
    assert removed.committed is not None
    assert removed.committed.removed_user == bob.pk
    assert said(group, 2) == {"action": "removed", "user": bob.pk, "name": "Bob"}


def test_removing_oneself_or_a_stranger_is_refused(append: Append, group: int, ann: User, eve: User):
    results = append(Remove(group, ann.pk, ann.pk), Remove(group, ann.pk, eve.pk))
    assert [refusal(each) for each in results] == ["conflict", "not_found"]


def test_a_group_that_its_last_owner_left_belongs_to_the_oldest_member(
    append: Append, group: int, ann: User, bob: User, carol: User
):
    append(Invite(group, ann.pk, carol.pk))
    append(Leave(group, ann.pk))
    roles = Membership.objects.filter(conversation=group, left_at=None).values_list("user__username", "role")
    assert dict(roles) == {"bob": "owner", "carol": "member"}
    [removed] = append(Remove(group, bob.pk, carol.pk))
    assert isinstance(removed, Appended)


def test_the_heir_may_act_as_owner_in_the_same_batch(append: Append, group: int, ann: User, bob: User, carol: User):
    append(Invite(group, ann.pk, carol.pk))
    _, removed = append(Leave(group, ann.pk), Remove(group, bob.pk, carol.pk))
    assert isinstance(removed, Appended)


def test_someone_who_came_back_is_a_plain_member_without_the_old_draft(
    append: Append, group: int, ann: User, bob: User
):
    Membership.objects.filter(user=bob).update(draft="unsent", read_seq=1)
    append(Leave(group, bob.pk))
    append(Invite(group, ann.pk, bob.pk))
    row = Membership.objects.get(conversation=group, user=bob)
    assert (row.draft, row.read_seq, row.left_at, row.role) == ("", 3, None, "member")


def test_a_title_changes_with_its_message(append: Append, group: int, bob: User):
    [renamed] = append(Rename(group, bob.pk, "Better plans"))
    assert place(renamed) == (2, 2)
    assert Conversation.objects.get(pk=group).title == "Better plans"
    assert said(group, 2) == {"action": "renamed", "title": "Better plans"}


def test_a_direct_conversation_keeps_its_members_and_has_no_title(
    append: Append, direct: int, ann: User, bob: User, carol: User
):
    results = append(
        Rename(direct, ann.pk, "Us"),
        Invite(direct, ann.pk, carol.pk),
        Leave(direct, ann.pk),
        Remove(direct, ann.pk, bob.pk),
    )
    assert [refusal(each) for each in results] == ["forbidden"] * 4


def test_a_failed_batch_leaves_no_false_memory_of_members(append: Append, group: int, ann: User, bob: User):
    """The leave is rolled back with the broken change, and done again alone; Bob is out once, not twice."""
    from dataclasses import replace

    poison = replace(posted(group, ann), client_id="no uuid")  # type: ignore[arg-type]
    left, broken, stays = append(Leave(group, bob.pk), poison, posted(group, ann))
    assert isinstance(left, Appended)
    assert refusal(broken) == "internal"
    assert place(stays) == (3, 3)
    assert Conversation.objects.get(pk=group).member_count == 1


def test_a_deactivated_member_can_say_nothing_even_where_a_node_remembers_them(append: Append, group: int, bob: User):
    append(posted(group, bob))
    bob.is_active = False
    bob.save(update_fields=["is_active"])
    [refused] = append(posted(group, bob))
    assert refusal(refused) == "not_found"


def test_a_new_name_is_told_with_the_next_message(append: Append, group: int, bob: User):
    append(posted(group, bob))
    bob.display_name = "Robert"
    bob.save()
    [said] = append(posted(group, bob))
    assert isinstance(said, Appended)
    assert said.committed is not None
    assert orjson.loads(said.committed.body)["sender"] == {"id": bob.pk, "name": "Robert"}
