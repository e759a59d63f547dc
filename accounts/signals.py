"""Tells the log and whoever holds open sockets that a user's right to write and to stay connected may have changed."""

from functools import partial

from django.db import transaction
from django.db.models import F
from django.dispatch import Signal

from .models import User

access_changed = Signal()
"""Sent after the commit with `user_id`, by logout, a new password, deactivation, deletion or a revocation.

It only hints: a receiver asks `accounts.access.still_allowed` about the sockets of that user. Changes by
`QuerySet.update()` send nothing and are found by the regular re-validation.
"""


def announce_access_change(user_id: int) -> None:
    """Move the user's `access_version` with the current transaction, and send `access_changed` once it has committed.

    To be called in the transaction that ends the access: nothing is written in its name after that commit.
    """
    User.objects.filter(pk=user_id).update(access_version=F("access_version") + 1)
    transaction.on_commit(partial(_send, user_id))


def _send(user_id: int) -> None:
    # Robust: a receiver that fails must not turn a logout into an error page. Django logs the exception.
    access_changed.send_robust(sender=None, user_id=user_id)
