"""A user, the devices from which that user talks, and the tokens with which the user's programs log in."""

import uuid
from collections.abc import Collection, Sequence
from typing import Any, Self

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
