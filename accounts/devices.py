"""The browsers and clients of a user: how one becomes known, gets a name and is thrown out."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from .models import Device, DeviceQuerySet, User
from .signals import announce_access_change

LIVE_DEVICES = 50
"""How many devices of a user are remembered; beyond it the longest unseen ones are forgotten."""
NAME_CHARS = 80
SEEN_NOTED_EVERY = timedelta(minutes=1)


class DeviceRevoked(Exception):
    """This device was thrown out; it may not come back under the same uuid."""


def register_device(
    user: User, uuid: UUID, *, name: str = "", platform: str = "", address: str | None = None, session_key: str = ""
) -> Device:
    """Make the device known, or note that it was seen; raises `DeviceRevoked`.

    `name` only names a new device: later it belongs to the user, see `rename_device`. One query when nothing
    changed within the last minute, two otherwise.
    """
    seen = {"platform": _shown(platform), "address": address, "session_key": session_key}
    device, is_new = Device.objects.get_or_create(
        user=user, uuid=uuid, defaults={**seen, "name": _shown(name), "last_seen_at": timezone.now()}
    )
    if device.revoked_at is not None:
        raise DeviceRevoked(str(uuid))
    if is_new:
        _forget_longest_unseen(user)
    else:
        _note_seen(device, seen)
    return device


def rename_device(device: Device, name: str) -> None:
    """`name` is cut to 80 characters; an empty one leaves the old name."""
    device.name = _shown(name) or device.name
    device.save(update_fields=["name"])


def revoke_device(user: User, device: Device) -> None:
    """Throw one device of `user` out and log its browser out; raises `Device.DoesNotExist` for somebody else's."""
    if device.user_id != user.pk:
        raise Device.DoesNotExist
    _revoke(user, Device.objects.filter(pk=device.pk))


def revoke_other_devices(user: User, *, keep: Collection[UUID], keep_session: str = "") -> int:
    """Throw out every device of `user` but `keep`, and end every session but that of whoever asks; how many devices.

    A session that never opened a socket belongs to no device, and lets in all the same.
    """
    with transaction.atomic():
        count = _revoke(user, Device.objects.filter(user=user).exclude(uuid__in=keep), keep_session=keep_session)
        others = UserSession.objects.filter(user=user).exclude(session_key=keep_session)
        end_sessions(set(others.values_list("session_key", flat=True)))
        others.delete()
        announce_access_change(user.pk)
    return count


def end_sessions(session_keys: Collection[str]) -> None:
    """With the current transaction."""
    Session.objects.filter(session_key__in=session_keys).delete()


def _shown(text: str) -> str:
    """What of a client's text can be shown and stored: PostgreSQL refuses NUL, UTF-8 lone surrogates."""
    return "".join(character for character in text if character.isprintable()).strip()[:NAME_CHARS]


def _revoke(user: User, devices: DeviceQuerySet, *, keep_session: str = "") -> int:
    with transaction.atomic():
        found = dict(devices.live().values_list("pk", "session_key"))
        if not found:
            return 0
        Device.objects.filter(pk__in=found).update(revoked_at=timezone.now())
        end_sessions({key for key in found.values() if key and key != keep_session})
        announce_access_change(user.pk)
    return len(found)


def _note_seen(device: Device, seen: dict[str, str | None]) -> None:
    now = timezone.now()
    is_stale = device.last_seen_at is None or now - device.last_seen_at > SEEN_NOTED_EVERY
    if not is_stale and all(getattr(device, field) == value for field, value in seen.items()):
        return
    for field, value in seen.items():
        setattr(device, field, value)
    device.last_seen_at = now
    device.save(update_fields=[*seen, "last_seen_at"])


def _forget_longest_unseen(user: User) -> None:
    """Forgotten is not revoked: such a device is registered anew when it comes back.

    Rows without `revoked_at` only: a revocation must outlive any number of newer devices.
    """
    latest_first = Device.objects.filter(user=user).live().order_by(F("last_seen_at").desc(nulls_last=True), "-pk")
    surplus = list(latest_first.values_list("pk", flat=True)[LIVE_DEVICES : LIVE_DEVICES * 2])
    if surplus:
        Device.objects.filter(pk__in=surplus, revoked_at=None).delete()
