"""What staff can do with others' accounts, what is refused, and the audit log that nobody can change."""

import json
from collections.abc import Callable
from importlib import import_module
from uuid import uuid4

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.access import still_allowed
from accounts.audit import Actor, record
from accounts.models import AppendOnly, AuditEntry, User
from accounts.staff import (
    Refused,
    disable_user,
    enable_user,
    end_all_sessions,
    reset_second_factor,
    revoke_device_of,
    revoke_token_of,
)
from accounts.tokens import create_token
from tests.unit.accounts.people import register_device

from .people import PASSWORD, access_to

pytestmark = pytest.mark.django_db
What = AuditEntry.What


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root", password="!x")


@pytest.fixture
def by(root: User) -> Actor:
    return Actor(root.pk, "root", "10.0.0.7")


def entries() -> list[tuple[str, str, str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("who", "what", "label", "address"))


def logged_in(user: User) -> Client:
    """By the page, as everybody logs in."""
    client = Client()
    assert client.post("/accounts/login/", {"login": user.username, "password": PASSWORD}).url == "/"
    return client


def is_in(client: Client) -> bool:
    return client.get("/accounts/preferences/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_disabled_user_is_out_and_stays_out_with_old_logins_when_enabled_again(ann: User, by: Actor):
    browser = logged_in(ann)
    access = access_to(ann)
    register_device(ann, uuid4(), session_key=access.session_key)
    assert disable_user(by, ann)
    assert (is_in(browser), still_allowed([access])) == (False, set())
    assert not disable_user(by, ann)
    assert enable_user(by, ann)
    assert (is_in(browser), still_allowed([access])) == (False, set())
    assert is_in(logged_in(User.objects.get(pk=ann.pk)))
    told = [("root", What.USER_DISABLED, "Ann", "10.0.0.7"), ("root", What.USER_ENABLED, "Ann", "10.0.0.7")]
    assert entries() == told
    assert AuditEntry.objects.first().details == {"sessions": 2}


def test_nobody_disables_themselves_nor_the_last_superuser(ann: User, root: User, by: Actor):
    with pytest.raises(Refused, match="signed in"):
        disable_user(by, root)
    with pytest.raises(Refused, match="last superuser"):
        disable_user(Actor(ann.pk, "ann"), root)
    other = User.objects.create_superuser("other")
    assert disable_user(by, other)
    assert not User.objects.get(pk=other.pk).is_active
    assert [what for _, what, *_ in entries()] == [What.USER_DISABLED]


@pytest.mark.parametrize("act", [disable_user, end_all_sessions, reset_second_factor])
def test_only_superusers_touch_superusers(ann: User, root: User, act: Callable[[Actor, User], bool]):
    User.objects.create_superuser("other")
    with pytest.raises(Refused, match="Only a superuser"):
        act(Actor(ann.pk, "ann"), root)
    assert entries() == []


@pytest.mark.django_db(transaction=True)
def test_all_sessions_end_and_the_tokens_stay(ann: User, by: Actor):
    browsers = [logged_in(ann), logged_in(ann)]
    create_token(ann, "bot")
    assert end_all_sessions(by, ann)
    assert [is_in(browser) for browser in browsers] == [False, False]
    assert ann.api_tokens.valid().count() == 1
    assert AuditEntry.objects.get().details == {"sessions": 2}


@pytest.mark.django_db(transaction=True)
def test_a_second_factor_is_reset_once_and_nothing_of_its_secret_is_told(ann: User, by: Actor):
    secret = generate_totp_secret()
    browser = logged_in(ann)
    TOTP.activate(ann, secret)
    codes = RecoveryCodes.activate(ann).get_unused_codes()
    assert reset_second_factor(by, ann)
    assert not reset_second_factor(by, ann)
    assert (ann.authenticator_set.count(), is_in(browser)) == (0, False)
    entry = AuditEntry.objects.get()
    assert entry.details == {"types": ["recovery_codes", "totp"], "sessions": 1}
    assert not any(each in json.dumps(entry.details) for each in [secret, *codes])


def test_devices_and_tokens_are_revoked_once(ann: User, by: Actor):
    device = register_device(ann, uuid4(), name="phone")
    text = create_token(ann, "bot")
    token = ann.api_tokens.get()
    assert (revoke_device_of(by, device), revoke_device_of(by, device)) == (True, False)
    assert (revoke_token_of(by, token), revoke_token_of(by, token)) == (True, False)
    assert [(what, label) for _, what, label, _ in entries()] == [
        (What.DEVICE_REVOKED, "phone"),
        (What.TOKEN_REVOKED, str(token)),
    ]
    assert text not in str(list(AuditEntry.objects.values()))


def test_an_entry_and_what_it_tells_are_written_together_or_not_at_all(ann: User, by: Actor):
    with transaction.atomic():
        disable_user(by, ann)
        transaction.set_rollback(True)
    assert (User.objects.get(pk=ann.pk).is_active, entries()) == (True, [])


@pytest.mark.django_db(transaction=True)
def test_an_entry_belongs_into_a_transaction(ann: User, by: Actor):
    with pytest.raises(RuntimeError, match="transaction"):
        record(by, What.CHANGED, ann)


def test_the_log_is_only_added_to(ann: User, by: Actor):
    record(by, What.CHANGED, ann, details={"fields": ["email"]})
    entry = AuditEntry.objects.get()
    before = AuditEntry.objects.values().get()
    rows = AuditEntry.objects.all()
    changes: list[Callable[[], object]] = [
        entry.save,
        lambda: entry.save(force_update=True),
        entry.delete,
        rows.delete,
        lambda: rows.update(who="nobody"),
        lambda: rows.bulk_update([entry], ["who"]),
        lambda: rows.bulk_create([entry], update_conflicts=True, update_fields=["who"], unique_fields=["id"]),
        lambda: AuditEntry._base_manager.all().update(who="nobody"),
        lambda: AuditEntry._default_manager.filter(pk=entry.pk).delete(),
        lambda: AuditEntry.objects.update_or_create(pk=entry.pk, defaults={"who": "nobody"}),
    ]
    for change in changes:
        with pytest.raises(AppendOnly):
            change()
    assert AuditEntry.objects.values().get() == before


@pytest.mark.parametrize(
    "statement", ["UPDATE accounts_auditentry SET who = 'nobody'", "DELETE FROM accounts_auditentry"]
)
def test_the_database_refuses_what_goes_past_the_model(ann: User, by: Actor, statement: str):
    record(by, What.CHANGED, ann)
    if connection.vendor == "sqlite":  # see `django_db_setup` in tests/conftest.py
        connection.cursor().execute(import_module("accounts.migrations.0007_append_only").SQLITE["audit_keeps_delete"])
    with pytest.raises(DatabaseError, match="only added to"), transaction.atomic():
        connection.cursor().execute(statement)
    assert entries() == [("root", What.CHANGED, "Ann", "10.0.0.7")]


def test_a_new_entry_takes_nobody_elses_place(ann: User, by: Actor):
    record(by, What.CHANGED, ann)
    first = AuditEntry.objects.get()
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        AuditEntry(pk=first.pk, who="nobody", what=What.DELETED).save()
    assert AuditEntry.objects.get().who == "root"


def test_entries_outlive_whom_they_name(ann: User, by: Actor):
    disable_user(by, ann)
    User.objects.all().delete()
    assert entries() == [("root", What.USER_DISABLED, "Ann", "10.0.0.7")]
