"""Places in the log: given once, in order, without gaps, and only to members."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from chat.log import sql
from chat.log.append import Result, append_batch
from chat.log.changes import Delete, Edit, Post, React
from chat.log.creating import create_direct, create_group
from chat.log.memory import Memory
from chat.log.outcome import Appended
from chat.models import Conversation, Message
from chat.wire.limits import REACTION_EMOJIS
from tests.unit.log.conftest import place, posted, refusal

Append = Callable[..., list[Result]]

pytestmark = pytest.mark.django_db


def body(result: Result) -> dict[str, object]:
    assert isinstance(result, Appended)
    assert result.committed is not None
    return orjson.loads(result.committed.body)


def test_positions_follow_each_other_in_the_order_of_the_batch(append: Append, group: int, ann: User, bob: User):
    first = append(posted(group, ann), posted(group, bob), posted(group, ann))
    second = append(posted(group, bob))
    assert [place(each) for each in first + second] == [(2, 2), (3, 3), (4, 4), (5, 5)]
    assert Conversation.objects.get(pk=group).head == 5


def test_each_conversation_counts_for_itself(append: Append, group: int, direct: int, ann: User):
    results = append(posted(group, ann), posted(direct, ann), posted(group, ann), posted(direct, ann))
    assert [place(each) for each in results] == [(2, 2), (1, 1), (3, 3), (2, 2)]


def test_the_same_client_id_is_the_same_message_however_often_it_is_sent(append: Append, group: int, ann: User):
    post = posted(group, ann, "once")
    first, again_in_the_batch = append(post, post)
    [later] = append(post)
    assert place(first) == place(again_in_the_batch) == place(later) == (2, 2)
    assert [each.duplicate for each in (first, again_in_the_batch, later)] == [False, True, True]
    assert list(Message.objects.filter(text="once").values_list("seq", flat=True)) == [2]


def test_a_repeat_keeps_the_first_text(append: Append, group: int, ann: User):
    post = posted(group, ann, "first")
    append(post)
    append(replace(post, text="second"))
    assert Message.objects.get(client_id=post.client_id).text == "first"


def test_each_of_many_new_messages_is_told_by_its_row_and_each_head_is_its_own(ann: User, bob: User, append: Append):
    groups = [create_group(ann.pk, f"Group {number}", [bob.pk]).conversation for number in range(5)]
    before = Message.objects.count()
    results = append(*(posted(groups[number % 5], bob, f"{number}") for number in range(40)))

    rows = Message.objects.order_by("pk")[before:].values_list("conversation_id", "seq", "text")
    assert [text for _, _, text in rows] == [f"{number}" for number in range(40)]
    assert [(conversation, seq) for conversation, seq, _ in rows] == [
        (groups[number % 5], place(result)[0]) for number, result in enumerate(results)
    ]
    assert dict(Conversation.objects.filter(pk__in=groups).values_list("pk", "head")) == dict.fromkeys(groups, 9)


def test_new_messages_learn_the_ids_of_their_own_rows(group: int, direct: int, ann: User, append: Append):
    append(posted(group, ann), posted(direct, ann))
    values = sql.PostValues(timezone.now())
    new = [values.message(posted(conversation, ann)) for conversation in (group, direct) * 10]
    for seq, message in enumerate(new, start=100):
        message.seq = message.changed_seq = seq
    sql.insert_messages([(message, values.of(message)) for message in new])

    rows = Message.objects.in_bulk([message.pk for message in new])
    assert [rows[message.pk].client_id for message in new] == [message.client_id for message in new]


def test_two_users_may_choose_the_same_client_id(append: Append, group: int, ann: User, bob: User):
    same = uuid4()
    results = append(Post(group, ann.pk, same, "a"), Post(group, bob.pk, same, "b"))
    assert [place(each) for each in results] == [(2, 2), (3, 3)]


def test_a_client_id_of_another_conversation_is_a_conflict(append: Append, group: int, direct: int, ann: User):
    post = posted(group, ann)
    append(post)
    [refused] = append(replace(post, conversation=direct))
    assert refusal(refused) == "conflict"


def test_a_stranger_and_a_missing_conversation_get_the_same_answer(append: Append, group: int, eve: User, ann: User):
    strange, missing = append(posted(group, eve), posted(group + 1000, ann))
    assert refusal(strange) == refusal(missing) == "not_found"
    assert str(strange) == str(missing)
    assert Message.objects.count() == 1


def test_a_refused_change_takes_no_position_and_harms_no_other(append: Append, group: int, ann: User, eve: User):
    before, refused, after = append(posted(group, ann), posted(group, eve), posted(group, ann))
    assert (place(before), refusal(refused), place(after)) == ((2, 2), "not_found", (3, 3))


def test_a_change_that_breaks_the_transaction_fails_alone(append: Append, group: int, ann: User, eve: User):
    """A message that the database cannot store must not take its neighbours with it."""
    poison = replace(posted(group, ann), client_id="no uuid")  # type: ignore[arg-type]
    before, broken, after = append(posted(group, ann, "one"), poison, posted(group, ann, "two"))
    assert (place(before), refusal(broken), place(after)) == ((2, 2), "internal", (3, 3))
    assert list(Message.objects.filter(kind="text").order_by("seq").values_list("text", flat=True)) == ["one", "two"]


def test_a_reply_needs_its_message(append: Append, group: int, ann: User, bob: User):
    append(posted(group, ann))
    answered, lost = append(posted(group, bob, reply_to=2), posted(group, bob, reply_to=99))
    assert body(answered)["reply_to"] == 2
    assert refusal(lost) == "not_found"


def test_an_edit_moves_the_position_and_keeps_the_place(append: Append, group: int, ann: User):
    append(posted(group, ann, "helo"), posted(group, ann, "other"))
    [edited] = append(Edit(group, ann.pk, 2, "hello"))
    assert place(edited) == (2, 4)
    said = body(edited)
    assert (said["seq"], said["changed_seq"], said["text"]) == (2, 4, "hello")
    assert said["edited_at"]


def test_an_edit_to_the_same_text_changes_nothing(append: Append, group: int, ann: User):
    append(posted(group, ann, "same"))
    [edited] = append(Edit(group, ann.pk, 2, "same"))
    assert (place(edited), edited.duplicate) == ((2, 2), True)


def test_only_the_sender_edits(append: Append, group: int, ann: User, bob: User):
    append(posted(group, ann))
    [refused] = append(Edit(group, bob.pk, 2, "mine now"))
    assert refusal(refused) == "forbidden"


def test_a_deleted_message_keeps_its_place_and_loses_what_it_said(append: Append, group: int, ann: User, bob: User):
    append(posted(group, ann, "secret"))
    append(React(group, bob.pk, 2, "👍", on=True))
    [deleted] = append(Delete(group, ann.pk, 2))
    said = body(deleted)
    assert (said["seq"], said["changed_seq"], said["deleted"]) == (2, 4, True)
    assert not {"text", "html", "reactions"} & said.keys()
    row = Message.objects.get(conversation=group, seq=2)
    assert (row.text, row.html, row.reactions) == ("", "", {})


def test_a_second_delete_is_a_repeat(append: Append, group: int, ann: User):
    append(posted(group, ann))
    first, second = append(Delete(group, ann.pk, 2))[0], append(Delete(group, ann.pk, 2))[0]
    assert (place(first), place(second), second.duplicate) == ((2, 3), (2, 3), True)


def test_a_deleted_message_takes_no_edit_and_no_reaction(append: Append, group: int, ann: User):
    append(posted(group, ann))
    append(Delete(group, ann.pk, 2))
    results = append(Edit(group, ann.pk, 2, "back"), React(group, ann.pk, 2, "👍", on=True))
    assert [refusal(each) for each in results] == ["conflict", "conflict"]


def test_the_owner_of_a_group_may_delete_what_others_said_and_a_member_may_not(
    append: Append, group: int, ann: User, bob: User
):
    append(posted(group, bob), posted(group, ann))
    by_owner, by_member = append(Delete(group, ann.pk, 2), Delete(group, bob.pk, 3))
    assert place(by_owner) == (2, 4)
    assert refusal(by_member) == "forbidden"


def test_in_a_direct_conversation_nobody_deletes_for_the_other(append: Append, direct: int, ann: User, bob: User):
    append(posted(direct, bob))
    [refused] = append(Delete(direct, ann.pk, 1))
    assert refusal(refused) == "forbidden"


def test_a_system_message_stays(append: Append, group: int, ann: User):
    [refused] = append(Delete(group, ann.pk, 1))
    assert refusal(refused) == "forbidden"


def test_reactions_of_one_batch_are_each_told_at_their_own_position(append: Append, group: int, ann: User, bob: User):
    append(posted(group, ann))
    first, second = append(React(group, ann.pk, 2, "👍", on=True), React(group, bob.pk, 2, "👍", on=True))
    assert (body(first)["changed_seq"], body(first)["reactions"]) == (3, {"👍": [ann.pk]})
    assert (body(second)["changed_seq"], body(second)["reactions"]) == (4, {"👍": [ann.pk, bob.pk]})
    assert Message.objects.get(conversation=group, seq=2).changed_seq == 4


def test_a_reaction_can_be_taken_back_once(append: Append, group: int, ann: User):
    append(posted(group, ann))
    append(React(group, ann.pk, 2, "👍", on=True))
    off, again = append(React(group, ann.pk, 2, "👍", on=False), React(group, ann.pk, 2, "👍", on=False))
    assert (place(off), "reactions" in body(off), again.duplicate) == ((2, 4), False, True)


def test_a_message_carries_a_bounded_number_of_reactions(append: Append, group: int, ann: User):
    append(posted(group, ann))
    emojis = [chr(0x1F600 + number) for number in range(REACTION_EMOJIS + 1)]
    results = append(*(React(group, ann.pk, 2, emoji, on=True) for emoji in emojis))
    assert [isinstance(each, Appended) for each in results] == [True] * REACTION_EMOJIS + [False]
    assert refusal(results[-1]) == "limit"


def test_a_message_cannot_be_pointed_at_before_it_is_committed(append: Append, group: int, ann: User):
    _, guessed = append(posted(group, ann), Edit(group, ann.pk, 2, "guessed"))
    assert refusal(guessed) == "not_found"


def test_a_membership_that_ended_elsewhere_is_seen_by_a_node_that_remembers_it(group: int, ann: User, bob: User):
    from chat.log.changes import Remove

    here, elsewhere = Memory(), Memory()
    assert place(append_batch([posted(group, bob)], here)[0]) == (2, 2)
    append_batch([Remove(group, ann.pk, bob.pk)], elsewhere)
    assert refusal(append_batch([posted(group, bob)], here)[0]) == "not_found"


def test_the_number_of_queries_does_not_grow_with_the_batch(append: Append, group: int, ann: User):
    append(posted(group, ann))

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            append(*(posted(group, ann) for _ in range(count)))
        return len(captured)

    assert queries(1) == queries(40)


def test_a_direct_conversation_of_two_exists_once(ann: User, bob: User):
    first, again = create_direct(ann.pk, bob.pk), create_direct(bob.pk, ann.pk)
    assert (first.conversation, first.is_new, again.is_new) == (again.conversation, True, False)


def test_a_group_begins_with_a_message_that_says_so(ann: User, bob: User):
    created = create_group(ann.pk, "Plans", [bob.pk, ann.pk, bob.pk])
    conversation = Conversation.objects.get(pk=created.conversation)
    assert (conversation.head, conversation.member_count) == (1, 2)
    message = Message.objects.get(conversation=conversation)
    assert (message.seq, message.kind, message.data) == (1, "system", {"action": "created", "title": "Plans"})
