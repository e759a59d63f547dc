"""The page of the chat: one page, which a script fills; its addresses name a conversation and a message."""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.preferences import preferences_of

from .modules import IMPORTS, SHEETS, modules_of


@never_cache
@require_safe
@login_required
def app(request: HttpRequest, conversation: int | None = None, seq: int | None = None) -> HttpResponse:
    """The same page for every conversation: who may read it is decided on the socket, not by the address."""
    language = get_language() or settings.LANGUAGE_CODE
    files = {"imports": IMPORTS, "sheets": SHEETS, "modules": modules_of(language)}
    return render(request, "chat/app.html", {"page": page_data(request, language), **files})


def page_data(request: HttpRequest, language: str) -> dict[str, Any]:
    """What the script needs before it has a connection; it is written into the page as JSON."""
    user = request.user
    return {
        "user": {"id": user.pk, "username": user.get_username(), "name": user.name},  # type: ignore[union-attr]
        "csrf": get_token(request),
        "node": settings.NODE_NAME,
        "now": int(time.time() * 1000),
        "language": language,
        "theme": preferences_of(request).theme,
        "urls": {
            "account": reverse("account_preferences"),
            "admin": reverse("admin:index") if user.is_staff else "",  # type: ignore[union-attr]
            "devices": reverse("devices"),
            "login": reverse("account_login"),
            "logout": reverse("account_logout"),
            "preferences": reverse("preferences"),
        },
    }
