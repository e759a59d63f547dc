"""The admin as the staff of this site meet it: its name, and who has to set up a second factor before entering."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

SECOND_FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
"""Recovery codes alone are none."""

LISTED_WITH_USERS = {"account", "auth"}


class StaffSite(AdminSite):
    """With ADMIN_REQUIRES_SECOND_FACTOR it lets in nobody with a password alone."""

    site_header = site_title = _("distchat: administration")
    index_title = _("Administration")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Groups and addresses of mail are listed with the users to whom they belong."""
        apps: list[dict[str, Any]] = super().get_app_list(request, app_label)
        people = next((app for app in apps if app["app_label"] == "accounts"), None)
        if people is None or app_label is not None:
            return apps
        for app in apps:
            if app["app_label"] in LISTED_WITH_USERS:
                people["models"].extend(app["models"])
        return [app for app in apps if app["app_label"] not in LISTED_WITH_USERS]

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not lacks_second_factor(request)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Where staff come who may not enter: those who lack a second factor are sent to set one up."""
        if super().has_permission(request) and lacks_second_factor(request):
            messages.warning(request, gettext("The administration needs a second factor: set one up here first."))
            return redirect("mfa_index")
        return super().login(request, extra_context)


def lacks_second_factor(request: HttpRequest) -> bool:
    """One query, and none where the setting is off."""
    return settings.ADMIN_REQUIRES_SECOND_FACTOR and not is_mfa_enabled(request.user, types=SECOND_FACTORS)
