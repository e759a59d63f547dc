"""Tells whoever holds open sockets that a user's right to stay connected may have changed."""

from functools import partial

from django.db import transaction
from django.dispatch import Signal

access_changed = Signal()
"""Sent after the commit with `user_id`, by logout, a new password, deactivation, deletion or a revocation.

It only hints: a receiver asks `accounts.access.still_allowed` about the sockets of that user. Changes by
`QuerySet.update()` send nothing and are found by the regular re-validation.
"""


def announce_access_change(user_id: int) -> None:
    """Send `access_changed` once the current transaction has committed; at once outside of one."""
    transaction.on_commit(partial(_send, user_id))


def _send(user_id: int) -> None:
    # Robust: a receiver that fails must not turn a logout into an error page. Django logs the exception.
    access_changed.send_robust(sender=None, user_id=user_id)
