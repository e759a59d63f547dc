"""A user, and the devices from which that user talks."""

import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Someone who can log in; `display_name` is what others see."""

    display_name = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.display_name or self.username


class Device(models.Model):
    """One browser or client of one user; it survives reconnects and names itself by `uuid`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    uuid = models.UUIDField(default=uuid.uuid4)
    name = models.CharField(max_length=80, blank=True)
    platform = models.CharField(max_length=80, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    session_key = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "uuid"], name="device_of_user")]

    def __str__(self) -> str:
        return self.name or str(self.uuid)
