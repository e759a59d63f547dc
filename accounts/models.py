"""A user, the user's devices, the tokens with which the user's programs log in, and what staff did with all of it."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any, NoReturn, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .fields import CountedColumn

ACCESS_FIELDS = ("password", "is_active")
"""The fields of a user on which the right to stay connected depends."""


class User(AbstractUser):
    """Someone who can log in; `display_name` is what others see. An empty `language` is the browser's choice."""

    class Language(models.TextChoices):
        BROWSER = "", _("As the browser says")
        ENGLISH = "en", "English"
        CHINESE = "zh-hans", "简体中文"

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    display_name = models.CharField(_("display name"), max_length=80, blank=True)
    is_program = models.BooleanField(
        _("program"), default=False, db_default=False, help_text=_("An assistant, not a person; it cannot log in.")
    )
    language = models.CharField(
        _("language"), max_length=10, blank=True, choices=Language.choices, default="", db_default=""
    )
    theme = models.CharField(
        _("theme"), max_length=6, choices=Theme.choices, default=Theme.SYSTEM, db_default=Theme.SYSTEM
    )

    access_version = CountedColumn(
        default=0, db_default=0, editable=False, help_text="Moves with everything that may end an access of this user."
    )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """In one transaction with what the receivers of `post_save` write because of it."""
        with transaction.atomic():
            super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        return self.display_name or self.username

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Sequence[Any]) -> Self:
        user = super().from_db(db, field_names, values)
        user.remember_access()
        return user

    def remember_access(self, saved: Collection[str] | None = None) -> None:
        """Note that the database now holds the fields `saved` (None: all) as they are here; deferred: unknown."""
        stored = self.__dict__.setdefault("_stored_access", {})
        stored.update({name: self.__dict__[name] for name in self._access_fields(saved)})

    def has_changed_access(self, saved: Collection[str] | None) -> bool:
        """Whether saving the fields `saved` (None: all) changed one of `ACCESS_FIELDS`; unknown counts as changed."""
        stored = self.__dict__.get("_stored_access", {})
        return any(stored.get(name) != self.__dict__[name] for name in self._access_fields(saved))

    def _access_fields(self, saved: Collection[str] | None) -> list[str]:
        return [name for name in ACCESS_FIELDS if (saved is None or name in saved) and name in self.__dict__]


class DeviceQuerySet(models.QuerySet["Device"]):
    def live(self) -> Self:
        return self.filter(revoked_at=None)


class Device(models.Model):
    """One browser or client of one user; it survives reconnects and names itself by `uuid`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices", verbose_name=_("user")
    )
    uuid = models.UUIDField(default=uuid.uuid4)
    name = models.CharField(_("name"), max_length=80, blank=True)
    platform = models.CharField(_("platform"), max_length=80, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    session_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [models.UniqueConstraint(fields=["user", "uuid"], name="device_of_user")]

    def __str__(self) -> str:
        return self.name or str(self.uuid)


def is_valid_token(prefix: str = "") -> Q:
    """The condition for a token that is neither revoked nor expired now; `prefix` leads to it from another model."""
    not_expired = Q(**{f"{prefix}expires_at": None}) | Q(**{f"{prefix}expires_at__gt": timezone.now()})
    return Q(**{f"{prefix}revoked_at": None}) & not_expired


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self) -> Self:
        return self.filter(is_valid_token())


class ApiToken(models.Model):
    """A secret with which a program acts as a user; only its SHA-256 is kept, and `prefix` to recognise it by."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens", verbose_name=_("user")
    )
    name = models.CharField(_("name"), max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("prefix"), max_length=12, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AppendOnly(Exception):
    """What was written down stays as it is."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Can be read and added to; everything else raises AppendOnly."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("The audit log is only added to.")

    update = delete = bulk_update = bulk_create = _raw_delete = _update = _refuse


def audited() -> list[tuple[str, Any]]:
    """What the audit log tells of; a function, so that one more is no migration."""
    return AuditEntry.What.choices


class AuditEntry(models.Model):
    """Who of the staff did what, on what, when and from where: written once, in the transaction of what it tells.

    Nothing here refers to another row, so an entry outlives whom and what it names. `kind` is the model's label, as
    "accounts.user"; `details` holds names and numbers, never what somebody wrote and nothing secret.
    """

    class What(models.TextChoices):
        ADDED = "added", _("added")
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("deleted")
        USER_DISABLED = "user_disabled", _("user disabled")
        USER_ENABLED = "user_enabled", _("user enabled")
        SESSIONS_ENDED = "sessions_ended", _("all sessions ended")
        SECOND_FACTOR_RESET = "second_factor_reset", _("second factor reset")
        DEVICE_REVOKED = "device_revoked", _("device revoked")
        TOKEN_REVOKED = "token_revoked", _("API token revoked")
        MESSAGE_REMOVED = "message_removed", _("message removed")
        SESSION_INSPECTED = "session_inspected", _("chat session inspected")
        SESSION_REBUILT = "session_rebuilt", _("chat session rebuilt")
        SESSION_CLEARED = "session_cleared", _("chat session cleared")
        DISCONNECTED = "disconnected", _("devices disconnected")
        TURN_STOPPED = "turn_stopped", _("answer stopped")
        NODE_DRAINED = "node_drained", _("node drained")
        NODE_UNDRAINED = "node_undrained", _("node takes devices again")
        ANNOUNCED = "announced", _("announced to all devices")
        ANNOUNCEMENT_ENDED = "announcement_ended", _("announcement taken back")

    at = models.DateTimeField(_("when"), auto_now_add=True, db_index=True)
    who = models.CharField(_("who"), max_length=150)
    who_id = models.BigIntegerField(null=True)
    what = models.CharField(_("what"), max_length=24, choices=audited)
    kind = models.CharField(_("kind"), max_length=60)
    object_id = models.CharField(_("id"), max_length=64)
    label = models.CharField(_("on what"), max_length=200)
    address = models.GenericIPAddressField(_("from where"), null=True)
    details = models.JSONField(_("details"), default=dict)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        base_manager_name = "objects"
        indexes = [models.Index(fields=["kind", "object_id"], name="audit_of_object")]

    def __str__(self) -> str:
        return f"{self.who}: {self.get_what_display()}: {self.label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Once, as a new row, whatever id it was given."""
        if not self._state.adding:
            raise AppendOnly("The audit log is only added to.")
        super().save(force_insert=True, using=kwargs.get("using"))

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly("The audit log is only added to.")
