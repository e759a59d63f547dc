"""What staff do in conversations of others: who may, what becomes of the message, and what the audit says."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from accounts.access import Access
from accounts.audit import Actor
from accounts.models import AuditEntry, User
from accounts.programs import ensure_assistant
from chat.log.append import Result
from chat.log.changes import Halt, Moderate
from chat.models import Message, Turn
from tests.unit.accounts.people import access_to
from tests.unit.log.conftest import place, posted, refusal

pytestmark = pytest.mark.django_db

Append = Callable[..., list[Result]]
SECRET = "the words of Bob"


@pytest.fixture
def staff(db: None) -> User:
    user = User.objects.create(username="sue", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["delete_message", "change_turn"]))
    return user


def by(user: User, access: Access | None = None) -> Actor:
    return Actor(user.pk, user.username, "10.0.0.9", access)


def removal(conversation: int, user: User, seq: int, access: Access | None = None) -> Moderate:
    return Moderate(conversation, user.pk, seq, by(user, access), access=access)


def test_staff_leave_a_tombstone_that_takes_a_position_and_is_told(bob: User, staff: User, group: int, append: Append):
    seq, position = place(append(posted(group, bob, SECRET))[0])
    (removed,) = append(removal(group, staff, seq))
    assert place(removed) == (seq, position + 1)
    assert b'"deleted":true' in removed.committed.body
    assert SECRET.encode() not in removed.committed.body
    row = Message.objects.get(conversation=group, seq=seq)
    assert (row.deleted, row.text, row.html) == (True, "", "")


def test_the_audit_says_which_message_it_was_and_not_what_it_said(bob: User, staff: User, group: int, append: Append):
    seq, _ = place(append(posted(group, bob, SECRET))[0])
    append(removal(group, staff, seq))
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.what, entry.kind, entry.address) == ("sue", "message_removed", "chat.message", "10.0.0.9")
    assert entry.details == {"conversation": group, "seq": seq, "sender_id": bob.pk}
    assert SECRET not in str(AuditEntry.objects.values().get())


def test_what_is_removed_already_is_neither_changed_nor_audited_again(
    bob: User, staff: User, group: int, append: Append
):
    seq, _ = place(append(posted(group, bob))[0])
    first, second = append(removal(group, staff, seq), removal(group, staff, seq))
    assert (first.duplicate, second.duplicate) == (False, True)
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"is_staff": False}, {"is_active": False}, "permission"], ids=["no staff", "disabled", "no permission"]
)
def test_others_may_not(bob: User, staff: User, group: int, append: Append, change: object):
    seq, _ = place(append(posted(group, bob, SECRET))[0])
    if isinstance(change, dict):
        User.objects.filter(pk=staff.pk).update(**change)
    else:
        staff.user_permissions.clear()
    assert refusal(append(removal(group, staff, seq))[0]) == "forbidden"
    assert Message.objects.get(conversation=group, seq=seq).text == SECRET
    assert AuditEntry.objects.count() == 0


def test_a_member_who_is_no_staff_may_not_remove_as_staff(ann: User, bob: User, group: int, append: Append):
    seq, _ = place(append(posted(group, bob))[0])
    assert refusal(append(removal(group, ann, seq))[0]) == "forbidden"


def test_a_login_that_has_ended_removes_nothing(bob: User, staff: User, group: int, append: Append):
    seq, _ = place(append(posted(group, bob))[0])
    ended = replace(access_to(staff), session_key="ended")
    assert refusal(append(removal(group, staff, seq, ended))[0]) == "not_ready"
    place(append(removal(group, staff, seq, access_to(staff)))[0])


def test_what_is_not_there_and_what_the_system_says_stays(staff: User, group: int, append: Append):
    refused = append(removal(group, staff, 1), removal(group, staff, 99), removal(group + 1, staff, 1))
    assert [refusal(each) for each in refused] == ["conflict", "not_found", "not_found"]
    assert AuditEntry.objects.count() == 0


def test_staff_stop_an_answer_once_and_keep_what_it_said(ann: User, staff: User, group: int, append: Append):
    seq, _ = place(append(posted(group, ann))[0])
    program = ensure_assistant()
    turn = Turn.objects.create(
        conversation_id=group, trigger=seq, asker=ann, program=program, status="running", created_at=timezone.now()
    )
    halt = Halt(group, staff.pk, turn.pk, by=by(staff))
    place(append(halt)[0])
    turn.refresh_from_db()
    assert (turn.status, turn.reason) == ("cancelled", "stopped")
    assert refusal(append(halt)[0]) == "conflict"
    assert refusal(append(Halt(group, staff.pk, uuid4(), by=by(staff)))[0]) == "not_found"
    assert list(AuditEntry.objects.values_list("what", "object_id")) == [("turn_stopped", str(turn.pk))]
