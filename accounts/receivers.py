"""Turns what Django says about users and sessions into `access_changed`."""

from collections.abc import Collection
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest

from .models import User
from .signals import announce_access_change


def connect() -> None:
    """Called once, when the application is ready."""
    post_save.connect(user_saved, sender=get_user_model(), dispatch_uid="accounts.user_saved")
    post_delete.connect(user_deleted, sender=get_user_model(), dispatch_uid="accounts.user_deleted")
    post_delete.connect(session_ended, sender=UserSession, dispatch_uid="accounts.session_ended")
    user_logged_out.connect(logged_out, dispatch_uid="accounts.logged_out")


def user_saved(instance: User, *, created: bool, update_fields: Collection[str] | None, **_: Any) -> None:
    if not created and instance.has_changed_access(update_fields):
        announce_access_change(instance.pk)
    instance.remember_access(update_fields)


def user_deleted(instance: User, **_: Any) -> None:
    announce_access_change(instance.pk)


def session_ended(instance: UserSession, **_: Any) -> None:
    """Ended from the page of active sessions: the sockets that it opened must go."""
    announce_access_change(instance.user_id)


def logged_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is None:
        return
    # Django sends this signal before it drops the session; whoever re-validates on ours must find it gone.
    request.session.flush()
    announce_access_change(user.pk)
