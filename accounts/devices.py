"""The browsers and clients of a user: how one becomes known, gets a name and is thrown out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Sight:
    """A device that comes, and what it tells of itself.

    `name` only names a new device: later it belongs to the user, see `rename_device`.
    """

    user_id: int
    uuid: UUID
    name: str = ""
    platform: str = ""
    address: str | None = None
    session_key: str = ""

    def seen(self) -> dict[str, str | None]:
        return {"platform": _shown(self.platform), "address": self.address, "session_key": self.session_key}


def note_devices(sights: Collection[Sight]) -> dict[Sight, Device]:
    """Make these devices known, or note that they were seen; nothing of users who are not active.

    Of a device that was thrown out nothing is noted: whoever gets it has to look at `revoked_at`. One query when
    nothing changed within the last minute, two otherwise, and some for each new device.
    """
    users, uuids = {sight.user_id for sight in sights}, {sight.uuid for sight in sights}
    rows = Device.objects.filter(user__in=users, uuid__in=uuids, user__is_active=True).select_related("user")
    known = {(row.user_id, row.uuid): row for row in rows}
    found = {sight: known[sight.user_id, sight.uuid] for sight in sights if (sight.user_id, sight.uuid) in known}
    _note_seen({sight: device for sight, device in found.items() if device.revoked_at is None})
    strangers = [sight for sight in sights if sight not in found]
    return found | _registered(strangers) if strangers else found


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


def _note_seen(devices: Mapping[Sight, Device]) -> None:
    now = timezone.now()
    changed = []
    for sight, device in devices.items():
        seen = sight.seen()
        is_stale = device.last_seen_at is None or now - device.last_seen_at > SEEN_NOTED_EVERY
        if is_stale or any(getattr(device, field) != value for field, value in seen.items()):
            for field, value in seen.items():
                setattr(device, field, value)
            device.last_seen_at = now
            changed.append(device)
    if changed:
        Device.objects.bulk_update(changed, ["platform", "address", "session_key", "last_seen_at"])


def _registered(sights: Collection[Sight]) -> dict[Sight, Device]:
    users = User.objects.filter(is_active=True).in_bulk({sight.user_id for sight in sights})
    found = {}
    for sight in sights:
        if sight.user_id in users:
            user = users[sight.user_id]
            new = {**sight.seen(), "name": _shown(sight.name), "last_seen_at": timezone.now()}
            found[sight], _ = Device.objects.get_or_create(user=user, uuid=sight.uuid, defaults=new)
            found[sight].user = user
            _forget_longest_unseen(user)
    return found


def _forget_longest_unseen(user: User) -> None:
    """Forgotten is not revoked: such a device is registered anew when it comes back.

    Rows without `revoked_at` only: a revocation must outlive any number of newer devices.
    """
    latest_first = Device.objects.filter(user=user).live().order_by(F("last_seen_at").desc(nulls_last=True), "-pk")
    surplus = list(latest_first.values_list("pk", flat=True)[LIVE_DEVICES : LIVE_DEVICES * 2])
    if surplus:
        Device.objects.filter(pk__in=surplus, revoked_at=None).delete()
