"""Turns what Django says about users and sessions into `access_changed`."""

from collections.abc import Collection
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save
from django.utils import timezone

from .access import claimed_by
from .models import User
from .signals import announce_access_change


def connect() -> None:
    """Called once, when the application is ready."""
    post_save.connect(user_saved, sender=get_user_model(), dispatch_uid="accounts.user_saved")
    post_delete.connect(user_deleted, sender=get_user_model(), dispatch_uid="accounts.user_deleted")
    post_delete.connect(session_ended, sender=Session, dispatch_uid="accounts.session_ended")


def user_saved(instance: User, *, created: bool, update_fields: Collection[str] | None, **_: Any) -> None:
    if not created and instance.has_changed_access(update_fields):
        announce_access_change(instance.pk)
    instance.remember_access(update_fields)


def user_deleted(instance: User, **_: Any) -> None:
    announce_access_change(instance.pk)


def session_ended(instance: Session, **_: Any) -> None:
    """By logout, from the page of active sessions, with a device, or renewed after a new password.

    In the transaction of the deletion. A session that had run out anyway has ended before.
    """
    access = claimed_by(instance)
    if access is not None and instance.expire_date > timezone.now():
        announce_access_change(access.user_id)
