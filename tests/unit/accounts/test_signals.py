"""`access_changed` is sent after the commit of what may end an access, and not for anything else."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.access import access_of, still_allowed
from accounts.devices import revoke_device, revoke_other_devices
from accounts.models import ApiToken, Device, User
from accounts.signals import access_changed
from accounts.tokens import create_token, revoke_token
from tests.unit.accounts.people import register_device

from .people import NEW_PASSWORD, PASSWORD, session_of
from .test_login import reset_link

pytestmark = pytest.mark.django_db


def logout(ann: User, browser: Client) -> None:
    browser.post("/accounts/logout/")


def change_password(ann: User, browser: Client) -> None:
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert browser.post("/accounts/password/change/", fields).status_code == 302


def reset_password(ann: User, browser: Client) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": "ann@example.com"})
    form = client.get(reset_link()).url
    assert client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}).status_code == 302


def deactivate(ann: User, browser: Client) -> None:
    user = User.objects.get(pk=ann.pk)
    user.is_active = False
    user.save()


def deactivate_without_loading_the_field(ann: User, browser: Client) -> None:
    user = User.objects.only("username").get(pk=ann.pk)
    user.is_active = False
    user.save(update_fields=["is_active"])


def disable_in_the_admin(ann: User, browser: Client) -> None:
    admin = Client()
    admin.force_login(User.objects.create_superuser("root"), backend="django.contrib.auth.backends.ModelBackend")
    fields = {"action": "disable", "confirmed": "yes", "_selected_action": [ann.pk]}
    assert admin.post("/admin/accounts/user/", fields).status_code == 302
    assert not User.objects.get(pk=ann.pk).is_active


def delete_user(ann: User, browser: Client) -> None:
    User.objects.get(pk=ann.pk).delete()


def revoke_one_device(ann: User, browser: Client) -> None:
    revoke_device(ann, register_device(ann, uuid4(), session_key=browser.session.session_key))


def revoke_several_devices(ann: User, browser: Client) -> None:
    for _ in range(3):
        register_device(ann, uuid4())
    revoke_other_devices(ann, keep=[])


def revoke_a_token(ann: User, browser: Client) -> None:
    create_token(ann, "bot")
    revoke_token(ApiToken.objects.get())


def end_a_session(ann: User, browser: Client) -> None:
    elsewhere = session_of(ann).session_key
    UserSession.objects.create(user=ann, session_key=elsewhere, ip="10.0.0.1")
    assert browser.post("/accounts/sessions/").status_code == 302
    assert not Session.objects.filter(session_key=elsewhere).exists()


ENDINGS = [
    logout,
    end_a_session,
    change_password,
    reset_password,
    deactivate,
    deactivate_without_loading_the_field,
    disable_in_the_admin,
    delete_user,
    revoke_one_device,
    revoke_several_devices,
    revoke_a_token,
]


@pytest.mark.parametrize("end", ENDINGS, ids=lambda end: end.__name__)
def test_each_end_of_access_is_announced_after_the_commit(
    end: Callable[..., None],
    ann: User,
    browser: Client,
    heard: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
):
    user_id = ann.pk
    with django_capture_on_commit_callbacks(execute=True):
        end(ann, browser)
        assert heard == []
    assert set(heard) == {user_id}


def rename(ann: User, browser: Client) -> None:
    user = User.objects.get(pk=ann.pk)
    user.display_name = "Anna"
    user.save()


def log_in(ann: User, browser: Client) -> None:
    assert Client().post("/accounts/login/", {"login": "ann", "password": PASSWORD}).status_code == 302


def sign_up(ann: User, browser: Client) -> None:
    fields = {"username": "carol", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert Client().post("/accounts/signup/", fields).status_code == 302


def register(ann: User, browser: Client) -> None:
    register_device(ann, uuid4())


def revoke_what_is_revoked(ann: User, browser: Client) -> None:
    device = register_device(ann, uuid4())
    type(device).objects.update(revoked_at=ann.date_joined)
    revoke_device(ann, device)


HARMLESS = [rename, log_in, sign_up, register, revoke_what_is_revoked]


@pytest.mark.parametrize("act", HARMLESS, ids=lambda act: act.__name__)
def test_what_ends_nobodys_access_announces_nothing(
    act: Callable[[User, Client], None],
    ann: User,
    browser: Client,
    heard: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
):
    with django_capture_on_commit_callbacks(execute=True):
        act(ann, browser)
    assert heard == []


@pytest.mark.django_db(transaction=True)
def test_saving_again_announces_nothing_more(ann: User, heard: list[int]):
    ann.set_password(NEW_PASSWORD)
    ann.save()
    ann.save()
    assert heard == [ann.pk]


@pytest.mark.django_db(transaction=True)
def test_a_new_password_is_announced_when_it_is_saved_and_not_before(ann: User, heard: list[int]):
    ann.set_password(NEW_PASSWORD)
    ann.save(update_fields=["last_login"])
    assert heard == []
    ann.save(update_fields=["password"])
    assert heard == [ann.pk]


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_revocation_announces_nothing(ann: User, heard: list[int]):
    device = register_device(ann, uuid4())
    with transaction.atomic():
        revoke_device(ann, device)
        transaction.set_rollback(True)
    assert heard == []
    assert Device.objects.live().count() == 1


@pytest.mark.django_db(transaction=True)
def test_whoever_revalidates_on_the_announcement_finds_the_session_gone(ann: User, browser: Client):
    access, seen = access_of(browser.session), []

    def revalidate(user_id: int, **_: object) -> None:
        seen.append((user_id, still_allowed([access])))

    access_changed.connect(revalidate)
    try:
        assert still_allowed([access]) == {access}
        browser.post("/accounts/logout/")
    finally:
        access_changed.disconnect(revalidate)
    assert seen == [(ann.pk, set())]


@pytest.mark.django_db(transaction=True)
def test_a_receiver_that_fails_does_not_break_the_logout(ann: User, browser: Client, heard: list[int]):
    def fail(**_: object) -> None:
        raise RuntimeError

    access_changed.connect(fail)
    try:
        assert browser.post("/accounts/logout/").status_code == 302
    finally:
        access_changed.disconnect(fail)
    assert heard == [ann.pk]


def test_the_user_model_is_ours_from_the_first_migration():
    assert get_user_model() is User
