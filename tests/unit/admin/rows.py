"""One row of everything that the admin shows, as often as a test asks for it."""

from collections.abc import Iterable
from typing import TypeVar

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model, QuerySet
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, AuditEntry, Device, User
from chat.models import ChatSession, Conversation, Membership, Message, Reminder, Turn
from tests.unit.accounts.people import MODEL_BACKEND

T = TypeVar("T", bound=Model)

LISTS: dict[str, type[Model]] = {
    model._meta.label_lower.replace(".", "/"): model
    for model in sorted(admin.site._registry, key=str)
    if model._meta.managed
}
"""Every model that is registered and has a table, by its place under /admin/."""


def populate(numbers: Iterable[int]) -> None:
    """One of everything for each number, all of a kind at once."""
    now, numbers = timezone.now(), list(numbers)
    stored(Group(name=f"group {number}") for number in numbers)
    users = stored(User(username=f"person{number}", password="!x") for number in numbers)
    stored(EmailAddress(user=user, email=f"{user.username}@example.com") for user in users)
    stored(Device(user=user, name=f"device of {user.username}") for user in users)
    stored(ApiToken(user=user, name="token", digest=f"{user.pk:064}", prefix="prefix") for user in users)
    stored(ChatSession(user=user, started_at=now, last_active_at=now) for user in users)
    stored(_entry(user) for user in users)
    groups = stored(Conversation(kind="group", title=f"title {number}", head=1, member_count=1) for number in numbers)
    pairs = list(zip(groups, users, strict=True))
    stored(Membership(conversation=group, user=user, joined_at=now, updated_at=now) for group, user in pairs)
    said = {"seq": 1, "changed_seq": 1, "text": "secret", "at": now}
    stored(Message(conversation=group, sender=user, **said) for group, user in pairs)
    asked = [{"conversation": group, "asker": user, "program": user} for group, user in pairs]
    stored(Turn(**each, trigger=1, status="done", created_at=now) for each in asked)
    stored(Reminder(**each, text="secret", due_at=now) for each in asked)


def stored(rows: Iterable[T]) -> list[T]:
    """By a query set of Django's own, since the audit log's would refuse."""
    rows = list(rows)
    return QuerySet(type(rows[0])).bulk_create(rows)


def _entry(user: User) -> AuditEntry:
    target = {"kind": "accounts.user", "object_id": str(user.pk), "label": user.username}
    return AuditEntry(who="root", who_id=1, what="changed", address="10.0.0.1", **target)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend=MODEL_BACKEND)
    return client


def with_rights(*codenames: str, name: str = "clerk") -> User:
    """One of the staff who may do this and nothing else."""
    user = User.objects.create(username=name, is_staff=True, password="!x")
    rights = Permission.objects.filter(codename__in=codenames)
    assert rights.count() == len(codenames)
    user.user_permissions.set(rights)
    return user


def newest(name: str) -> Model:
    row = LISTS[name].objects.order_by("pk").last()
    assert row is not None, f"populate() makes nothing for /admin/{name}/"
    return row
