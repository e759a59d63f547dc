"""Writes down what staff do: who, what, on what, when, from where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from django.db import connection
from django.db.models import Model
from django.http import HttpRequest

from .access import Access, access_of
from .models import AuditEntry

LABEL_CHARS = 200
Details = Mapping[str, int | str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone of the staff, the login by which something is done, and from where."""

    user_id: int
    name: str
    address: str | None = None
    access: Access | None = None


def actor_of(request: HttpRequest) -> Actor:
    """Whoever sent this request."""
    address = get_adapter().get_client_ip(request)
    return Actor(request.user.pk, request.user.get_username(), address, access_of(request.session))


def record(by: Actor, what: AuditEntry.What, on: Model, *, label: str = "", details: Details | None = None) -> None:
    """Add an entry; to be called in the transaction that does it, and never with a text that somebody wrote.

    `label` is what `on` is called, its own `str()` when empty.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An audit entry belongs into the transaction of what it tells.")
    AuditEntry(
        who=by.name,
        who_id=by.user_id,
        what=what,
        kind=on._meta.label_lower,
        object_id=str(on.pk),
        label=(label or str(on))[:LABEL_CHARS],
        address=by.address,
        details=dict(details or {}),
    ).save()
