"""Nothing is written in the name of an access that has ended, from the commit of its end on."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.access import Access
from accounts.devices import revoke_device
from accounts.models import ApiToken, Device, User
from accounts.tokens import create_token, revoke_token
from chat.actions.marks import Mark, save_marks
from chat.log.append import Result
from chat.log.changes import Change, Delete, Edit, Invite, Leave, React, Remove, Rename
from chat.log.creating import create_direct, create_group
from chat.log.fence import AccessEnded, AccessMemory
from chat.log.outcome import Appended
from chat.models import Conversation, Membership, Message
from tests.unit.accounts.people import access_to, authenticate_token, register_device, session_of
from tests.unit.log.conftest import posted

pytestmark = pytest.mark.django_db

Append = Callable[..., list[Result]]


@pytest.fixture
def by_session(bob: User) -> Access:
    return replace(access_to(bob), device=register_device(bob, uuid4()).uuid)


@pytest.fixture
def by_token(bob: User) -> Access:
    access = authenticate_token(create_token(bob, "bot"))
    assert access is not None
    return access


def log_out(access: Access) -> None:
    session = session_of(User.objects.get(pk=access.user_id))
    type(session)(access.session_key).flush()


def change_the_password(access: Access) -> None:
    user = User.objects.get(pk=access.user_id)
    user.set_password("another one")
    user.save()


def deactivate(access: Access) -> None:
    user = User.objects.get(pk=access.user_id)
    user.is_active = False
    user.save()


def revoke(access: Access) -> None:
    device = Device.objects.get(uuid=access.device)
    revoke_device(device.user, device)


@pytest.mark.parametrize("end", [log_out, change_the_password, deactivate, revoke], ids=lambda end: end.__name__)
def test_an_ended_session_writes_nothing_more(
    append: Append, group: int, ann: User, bob: User, by_session: Access, end: Callable[[Access], None]
):
    assert isinstance(append(replace(posted(group, bob), access=by_session))[0], Appended)
    end(by_session)
    refused, other = append(replace(posted(group, bob), access=by_session), posted(group, ann))

    assert isinstance(refused, AccessEnded)
    assert isinstance(other, Appended)
    assert other.seq == 3
    assert Message.objects.filter(conversation=group, sender=bob).count() == 1


def test_a_revoked_token_writes_nothing_more(append: Append, group: int, bob: User, by_token: Access):
    assert isinstance(append(replace(posted(group, bob), access=by_token))[0], Appended)
    revoke_token(ApiToken.objects.get(pk=by_token.token_id))
    assert isinstance(append(replace(posted(group, bob), access=by_token))[0], AccessEnded)


def test_a_device_that_was_revoked_before_it_ever_wrote_is_refused_too(
    append: Append, group: int, bob: User, by_session: Access
):
    revoke(by_session)
    assert isinstance(append(replace(posted(group, bob), access=by_session))[0], AccessEnded)


def test_what_ends_one_access_leaves_the_others_of_the_same_user(
    append: Append, group: int, bob: User, by_session: Access, by_token: Access
):
    ours = [replace(posted(group, bob), access=access) for access in (by_session, by_token)]
    assert all(isinstance(each, Appended) for each in append(*ours))
    revoke(by_session)

    refused, written = append(*(replace(each, client_id=uuid4()) for each in ours))

    assert isinstance(refused, AccessEnded)
    assert isinstance(written, Appended)


def test_an_old_instance_that_is_saved_does_not_bring_an_access_back(
    append: Append, group: int, bob: User, by_session: Access
):
    append(replace(posted(group, bob), access=by_session))
    loaded_before = User.objects.get(pk=bob.pk)
    revoke(by_session)
    loaded_before.display_name = "Robert"
    loaded_before.save()
    assert isinstance(append(replace(posted(group, bob), access=by_session))[0], AccessEnded)


def test_an_access_that_is_known_costs_one_look(
    append: Append, group: int, bob: User, by_session: Access, django_assert_num_queries: DjangoAssertNumQueries
):
    append(replace(posted(group, bob), access=by_session))
    append(posted(group, bob))
    with django_assert_num_queries(6):
        append(posted(group, bob))
    with django_assert_num_queries(7):
        append(replace(posted(group, bob), access=by_session))


def test_every_kind_of_change_is_refused(append: Append, group: int, ann: User, bob: User, carol: User):
    access = access_to(ann)
    append(posted(group, ann))
    before = Conversation.objects.values().get(pk=group)
    log_out(access)
    changes: list[Change] = [
        replace(posted(group, ann), access=access),
        Edit(group, ann.pk, 2, "x", access=access),
        Delete(group, ann.pk, 2, access=access),
        React(group, ann.pk, 2, "👍", True, access=access),
        Rename(group, ann.pk, "x", access=access),
        Invite(group, ann.pk, carol.pk, access=access),
        Remove(group, ann.pk, bob.pk, access=access),
        Leave(group, ann.pk, access=access),
    ]

    assert [type(each) for each in append(*changes)] == [AccessEnded] * len(changes)
    assert Conversation.objects.values().get(pk=group) == before


def test_no_conversation_is_begun_and_no_mark_is_made(group: int, ann: User, bob: User):
    access = access_to(bob)
    log_out(access)
    for begin in (
        lambda: create_group(bob.pk, "Secret", [ann.pk], access),
        lambda: create_direct(bob.pk, ann.pk, access),
    ):
        with pytest.raises(AccessEnded):
            begin()

    [refused, marked] = save_marks(
        [Mark(group, bob.pk, draft="x", access=access), Mark(group, ann.pk, draft="y")], AccessMemory()
    )

    assert isinstance(refused, AccessEnded)
    assert not isinstance(marked, AccessEnded)
    assert Conversation.objects.count() == 1
    assert Membership.objects.get(user=bob).draft == ""
