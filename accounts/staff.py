"""What staff do with users, devices and tokens of others; each with its entry in the audit log."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils.translation import gettext as _

from .audit import Actor, record
from .devices import end_sessions, revoke_device
from .models import ApiToken, AuditEntry, Device, User
from .signals import announce_access_change
from .tokens import revoke_token

What = AuditEntry.What


class Refused(Exception):
    """Why something was not done, in words for whoever asked for it."""


def disable_user(by: Actor, user: User) -> bool:
    """End every access of `user`, also the logins that would be good again after `enable_user`; False when it was so.

    Raises Refused for oneself, for the last active superuser, and for a superuser when `by` is none.
    """
    with transaction.atomic():
        if user.pk == by.user_id:
            raise Refused(_("Nobody can disable the account with which they are signed in."))
        supers = User.objects.select_for_update().filter(is_superuser=True, is_active=True).order_by("pk")
        if [each.pk for each in supers] == [user.pk]:
            raise Refused(_("This is the last superuser who is active; make somebody else a superuser first."))
        row = _locked(by, user)
        if not row.is_active:
            return False
        row.is_active = False
        row.save(update_fields=["is_active"])
        record(by, What.USER_DISABLED, row, details={"sessions": _end_all_sessions(row)})
    return True


def enable_user(by: Actor, user: User) -> bool:
    """Let `user` log in again; False when it was so. API tokens that were not revoked work again."""
    with transaction.atomic():
        row = _locked(by, user)
        if row.is_active:
            return False
        row.is_active = True
        row.save(update_fields=["is_active"])
        record(by, What.USER_ENABLED, row)
    return True


def end_all_sessions(by: Actor, user: User) -> bool:
    """Log `user` out everywhere; open sockets close. API tokens stay, and devices may come back with a new login."""
    with transaction.atomic():
        row = _locked(by, user)
        record(by, What.SESSIONS_ENDED, row, details={"sessions": _end_all_sessions(row)})
    return True


def reset_second_factor(by: Actor, user: User) -> bool:
    """Forget the authenticator app, the passkeys and the recovery codes of `user`; False when there are none.

    Its sessions end with it: whoever lost a phone has lost what is open on it.
    """
    with transaction.atomic():
        row = _locked(by, user)
        factors = Authenticator.objects.filter(user=row)
        types = sorted(factors.values_list("type", flat=True))
        if not types:
            return False
        factors.delete()
        record(by, What.SECOND_FACTOR_RESET, row, details={"types": types, "sessions": _end_all_sessions(row)})
    return True


def revoke_device_of(by: Actor, device: Device) -> bool:
    """Throw a device of anybody out; False when it was out."""
    with transaction.atomic():
        row = Device.objects.select_for_update(of=("self",)).select_related("user").get(pk=device.pk)
        if row.revoked_at is not None:
            return False
        revoke_device(row.user, row)
        record(by, What.DEVICE_REVOKED, row, details=_owner(row.user))
    return True


def revoke_token_of(by: Actor, token: ApiToken) -> bool:
    """End a token of anybody; False when it had ended."""
    with transaction.atomic():
        row = ApiToken.objects.select_for_update(of=("self",)).select_related("user").get(pk=token.pk)
        if row.revoked_at is not None:
            return False
        revoke_token(row)
        record(by, What.TOKEN_REVOKED, row, details=_owner(row.user))
    return True


def _locked(by: Actor, user: User) -> User:
    """The row as it is now. Raises Refused for superusers, whom only superusers may touch."""
    row = User.objects.select_for_update().get(pk=user.pk)
    if row.is_superuser and not User.objects.filter(pk=by.user_id, is_active=True, is_superuser=True).exists():
        raise Refused(_("Only a superuser can do this to a superuser."))
    return row


def _end_all_sessions(user: User) -> int:
    """How many there were. Sessions are found by those who began them: pages that log in, and devices."""
    rows = UserSession.objects.filter(user=user)
    keys = {*rows.values_list("session_key", flat=True), *user.devices.values_list("session_key", flat=True)} - {""}
    rows.delete()
    end_sessions(keys)
    announce_access_change(user.pk)
    return len(keys)


def _owner(user: User) -> dict[str, str | int]:
    return {"user": user.username, "user_id": user.pk}
