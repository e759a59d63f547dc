"""What an open socket proved goes on holding until exactly its own reason ends."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.access import Access, Standing, access_of, authenticate_cookies, standings_of, still_allowed
from accounts.models import ApiToken, Device, User
from accounts.tokens import create_token, revoke_token
from tests.unit.accounts.people import authenticate_cookie, authenticate_token, register_device

from .people import NEW_PASSWORD, access_to, session_of

pytestmark = pytest.mark.django_db

YESTERDAY = timezone.now() - timedelta(days=1)


def everybody(count: int) -> list[Access]:
    """`count` users with a session on a device each, and `count` with a token each."""
    accesses = []
    for number in range(count):
        person = User.objects.create(username=f"person{number}", password="!x")
        device = register_device(person, uuid4())
        accesses.append(replace(access_to(person), device=device.uuid))
        bot = User.objects.create(username=f"bot{number}", password="!x")
        accesses.append(authenticate_token(create_token(bot, "bot")))
    return accesses


@pytest.mark.parametrize("count", [1, 100])
def test_any_number_is_revalidated_in_three_queries(count: int, django_assert_num_queries: DjangoAssertNumQueries):
    accesses = everybody(count)
    with django_assert_num_queries(3):
        assert still_allowed(accesses) == set(accesses)


def test_nothing_to_revalidate_costs_nothing(db: None, django_assert_num_queries: DjangoAssertNumQueries):
    with django_assert_num_queries(0):
        assert still_allowed([]) == set()


def expire_session(access: Access) -> None:
    Session.objects.filter(session_key=access.session_key).update(expire_date=YESTERDAY)


def delete_session(access: Access) -> None:
    Session.objects.filter(session_key=access.session_key).delete()


def empty_session(access: Access) -> None:
    store = import_module(django_settings.SESSION_ENGINE).SessionStore(access.session_key)
    store.clear()
    store.save()


def give_session_to_somebody_else(access: Access) -> None:
    other = session_of(User.objects.exclude(pk=access.user_id).first())
    stored = Session.objects.get(session_key=other.session_key).session_data
    Session.objects.filter(session_key=access.session_key).update(session_data=stored)


def spoil_session(access: Access) -> None:
    Session.objects.filter(session_key=access.session_key).update(session_data="nonsense")


def change_password(access: Access) -> None:
    user = User.objects.get(pk=access.user_id)
    user.set_password(NEW_PASSWORD)
    user.save()


def deactivate(access: Access) -> None:
    User.objects.filter(pk=access.user_id).update(is_active=False)


def delete_user(access: Access) -> None:
    User.objects.filter(pk=access.user_id).delete()


def revoke_device(access: Access) -> None:
    Device.objects.filter(uuid=access.device).update(revoked_at=YESTERDAY)


def revoke_api_token(access: Access) -> None:
    revoke_token(ApiToken.objects.get(pk=access.token_id))


def expire_token(access: Access) -> None:
    ApiToken.objects.filter(pk=access.token_id).update(expires_at=YESTERDAY)


def delete_token(access: Access) -> None:
    ApiToken.objects.filter(pk=access.token_id).delete()


OF_SESSIONS = [
    expire_session,
    delete_session,
    empty_session,
    give_session_to_somebody_else,
    spoil_session,
    change_password,
    deactivate,
    delete_user,
    revoke_device,
]
OF_TOKENS = [revoke_api_token, expire_token, delete_token, deactivate, delete_user]
SESSION_INDEX, TOKEN_INDEX = 2, 3


@pytest.mark.parametrize("end", OF_SESSIONS, ids=lambda end: end.__name__)
def test_each_reason_ends_exactly_that_session(end: Callable[..., None]):
    accesses = everybody(3)
    end(accesses[SESSION_INDEX])
    assert still_allowed(accesses) == set(accesses) - {accesses[SESSION_INDEX]}


@pytest.mark.parametrize("end", OF_TOKENS, ids=lambda end: end.__name__)
def test_each_reason_ends_exactly_that_token(end: Callable[..., None]):
    accesses = everybody(3)
    end(accesses[TOKEN_INDEX])
    assert still_allowed(accesses) == set(accesses) - {accesses[TOKEN_INDEX]}


def test_one_of_several_tokens_of_a_user_ends_alone(ann: User):
    accesses = [authenticate_token(create_token(ann, str(number))) for number in range(3)]
    revoke_api_token(accesses[1])
    assert still_allowed(accesses) == {accesses[0], accesses[2]}


def test_a_password_change_spares_tokens_and_ends_every_session(ann: User):
    accesses = [access_to(ann), access_to(ann), authenticate_token(create_token(ann, "bot"))]
    change_password(accesses[0])
    assert still_allowed(accesses) == {accesses[2]}


def test_a_revoked_device_of_the_same_uuid_ends_only_its_own_user(ann: User, bob: User):
    uuid = uuid4()
    register_device(ann, uuid)
    register_device(bob, uuid)
    Device.objects.filter(user=ann).update(revoked_at=YESTERDAY)
    accesses = [replace(access_to(user), device=uuid) for user in (ann, bob)]
    assert standings_of(accesses) == dict(zip(accesses, (Standing.REVOKED, Standing.HOLDS), strict=True))


def test_a_token_of_another_user_proves_nothing(ann: User, bob: User):
    access = authenticate_token(create_token(ann, "bot"))
    assert still_allowed([replace(access, user_id=bob.pk)]) == set()


def test_a_session_signed_with_a_fallback_key_still_holds(ann: User, settings: Settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old key", []
    access = access_to(ann)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new key", ["old key"]
    assert still_allowed([access]) == {access}
    assert authenticate_cookie(access.session_key) == access
    settings.SECRET_KEY_FALLBACKS = []
    assert still_allowed([access]) == set()
    assert authenticate_cookie(access.session_key) is None


def test_any_number_of_cookies_is_read_from_the_database_in_two_queries(
    ann: User, bob: User, django_assert_num_queries: DjangoAssertNumQueries
):
    accesses = [access_to(user) for user in (ann, bob, ann)]
    change_password(accesses[1])
    with django_assert_num_queries(2):
        found = authenticate_cookies([*(access.session_key for access in accesses), "", "unknownkey"])
    assert found == {access.session_key: access for access in (accesses[0], accesses[2])}


@pytest.mark.parametrize("end", OF_SESSIONS[:-1], ids=lambda end: end.__name__)
def test_a_cookie_gives_no_access_once_its_session_ended(end: Callable[..., None], ann: User, bob: User):
    access = access_to(ann)
    end(access)
    found = authenticate_cookie(access.session_key)
    assert found is None or found.user_id == bob.pk


@pytest.mark.parametrize("key", ["", "x" * 41, "a\x00b", "键", "../../etc", "unknownkey"])
def test_any_text_may_be_sent_as_a_cookie(db: None, key: str):
    assert authenticate_cookie(key) is None


def test_an_anonymous_session_gives_no_access(db: None):
    session = import_module(django_settings.SESSION_ENGINE).SessionStore()
    assert access_of(session) is None
    session["basket"] = 1
    session.save()
    assert access_of(session) is None
    assert authenticate_cookie(session.session_key) is None
