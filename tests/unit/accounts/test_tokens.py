"""API tokens: shown once, found by digest, ended for good."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.access import Access
from accounts.models import ApiToken, User
from accounts.tokens import create_token, revoke_token
from tests.unit.accounts.people import authenticate_token

pytestmark = pytest.mark.django_db


def test_a_token_gives_access_and_its_text_is_not_stored(ann: User):
    text = create_token(ann, "bot")
    token = ApiToken.objects.get()
    assert authenticate_token(text) == Access(ann.pk, token_id=token.pk)
    assert text not in {str(value) for value in vars(token).values()}
    assert text.startswith(token.prefix)


def test_two_tokens_differ(ann: User):
    assert create_token(ann, "one") != create_token(ann, "two")


@pytest.mark.parametrize("change", [str.upper, lambda text: text[:-1], lambda text: text + "x", lambda text: ""])
def test_a_text_that_is_not_the_token_gives_nothing(ann: User, change: Callable[[str], str]):
    text = create_token(ann, "bot")
    assert authenticate_token(change(text)) is None


@pytest.mark.parametrize("text", ["\x00" * 47, "\ud800" * 47, "键" * 47, "x" * 1_000_000])
def test_any_text_may_be_sent_as_a_token(db: None, text: str):
    assert authenticate_token(text) is None


def test_a_revoked_an_expired_and_an_inactive_users_token_give_nothing(ann: User, bob: User):
    revoked, expired = create_token(ann, "a"), create_token(ann, "b", expires_at=timezone.now() - timedelta(seconds=1))
    inactive, valid = create_token(bob, "c"), create_token(ann, "d", expires_at=timezone.now() + timedelta(hours=1))
    revoke_token(ApiToken.objects.get(name="a"))
    User.objects.filter(pk=bob.pk).update(is_active=False)
    assert [authenticate_token(text) is not None for text in (revoked, expired, inactive, valid)] == [
        False,
        False,
        False,
        True,
    ]


def test_its_use_is_noted_once_a_minute(ann: User, django_assert_num_queries: DjangoAssertNumQueries):
    text = create_token(ann, "bot")
    authenticate_token(text)
    noted = ApiToken.objects.get().last_used_at
    assert noted is not None
    with django_assert_num_queries(1):
        authenticate_token(text)
    ApiToken.objects.update(last_used_at=noted - timedelta(minutes=2))
    authenticate_token(text)
    assert ApiToken.objects.get().last_used_at >= noted


def test_the_command_prints_a_token_that_works(ann: User):
    out = StringIO()
    call_command("create_token", "ann", "weather bot", stdout=out)
    assert authenticate_token(out.getvalue().strip()).user_id == ann.pk
    assert ApiToken.objects.get().name == "weather bot"


def test_the_command_says_that_a_user_is_missing(db: None):
    with pytest.raises(CommandError, match="no user 'nobody'"):
        call_command("create_token", "nobody", "bot")


def test_the_command_can_say_how_long_a_token_is_valid(ann: User):
    call_command("create_token", "ann", "bot", "--days", "30", stdout=StringIO())
    left = ApiToken.objects.get().expires_at - timezone.now()
    assert timedelta(days=29) < left <= timedelta(days=30)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ann", ""], "A name is a line of 1 to 80 characters"),
        (["ann", "x" * 81], "A name is a line of 1 to 80 characters"),
        (["ann", "a\nb"], "A name is a line of 1 to 80 characters"),
        (["ann", "bot", "--days", "0"], "Days are a number from 1"),
        (["bob", "bot"], "bob is deactivated"),
        (["assistant", "bot"], "the server's own program"),
    ],
)
def test_the_command_makes_no_token_that_makes_no_sense(ann: User, bob: User, words: list[str], said: str):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    User.objects.create(username="assistant", is_program=True)
    with pytest.raises(CommandError, match=said):
        call_command("create_token", *words, stdout=StringIO())
    assert not ApiToken.objects.exists()
