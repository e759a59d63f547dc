"""One row of everything that the admin shows, as often as a test asks for it."""

from collections.abc import Iterable
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.audit import Actor, record
from accounts.devices import register_device
from accounts.models import AuditEntry, User
from accounts.tokens import create_token
from chat.models import ChatSession, Conversation, Membership, Message, Reminder, Turn
from tests.unit.accounts.people import MODEL_BACKEND

LISTS: dict[str, type[Model]] = {
    model._meta.label_lower.replace(".", "/"): model for model in sorted(admin.site._registry, key=str)
}
"""Every model that is registered, by its place under /admin/."""


def populate(numbers: Iterable[int]) -> None:
    """One of everything for each number."""
    now = timezone.now()
    by = Actor(1, "root", "10.0.0.1")
    for number in numbers:
        user = User.objects.create(username=f"person{number}", password="!x")
        device = register_device(user, uuid4(), name=f"device {number}")
        create_token(user, f"token {number}")
        EmailAddress.objects.create(user=user, email=f"person{number}@example.com")
        Group.objects.create(name=f"group {number}")
        record(by, AuditEntry.What.DEVICE_REVOKED, device)
        ChatSession.objects.create(user=user, started_at=now, last_active_at=now)
        conversation = Conversation.objects.create(kind="group", title=f"title {number}", head=1, member_count=1)
        Membership.objects.create(conversation=conversation, user=user, joined_at=now, updated_at=now)
        Message.objects.create(conversation=conversation, seq=1, changed_seq=1, sender=user, text="secret", at=now)
        asked = {"conversation": conversation, "asker": user, "program": user}
        Turn.objects.create(**asked, trigger=1, status="done", created_at=now)
        Reminder.objects.create(**asked, text="secret", due_at=now)


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
