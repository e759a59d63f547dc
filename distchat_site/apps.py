"""Registers the site: the check that production is safe."""

from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from distchat_site.production import production_faults


class SiteConfig(AppConfig):
    name = "distchat_site"

    def ready(self) -> None:
        register(Tags.security)(production_is_safe)


def production_is_safe(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Django's system check: an error, which stops every command but `doctor`, for each production fault."""
    faults = production_faults(
        debug=settings.DEBUG, secret_key=settings.SECRET_KEY, allowed_hosts=settings.ALLOWED_HOSTS
    )
    return [Error(fault, id="distchat.E001") for fault in faults]
