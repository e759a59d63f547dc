"""The language and theme that a user, or a browser that nobody has logged in with, wants to see."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from .models import User

THEME_COOKIE_NAME = "distchat_theme"
COOKIE_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Preferences:
    """`language` is "" (as the browser says), "en" or "zh-hans"; `theme` is "system", "light" or "dark"."""

    language: str = ""
    theme: str = User.Theme.SYSTEM.value


class PreferenceUnknown(ValueError):
    """A language or theme that there is not."""


def preferences_of(request: HttpRequest) -> Preferences:
    """Those of the user who is logged in, or of this browser."""
    if request.user.is_authenticated:
        return Preferences(request.user.language, request.user.theme)
    theme = request.COOKIES.get(THEME_COOKIE_NAME, "")
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return Preferences(
        language if language in User.Language.values else "", theme if theme in User.Theme.values else "system"
    )


def choose_preferences(request: HttpRequest, wanted: Mapping[str, object]) -> Preferences:
    """What holds after `wanted`, of which each field may be missing; raises PreferenceUnknown, with nothing stored."""
    now = preferences_of(request)
    language, theme = wanted.get("language", now.language), wanted.get("theme", now.theme)
    if language not in User.Language.values or theme not in User.Theme.values:
        raise PreferenceUnknown
    chosen = Preferences(str(language), str(theme))
    if request.user.is_authenticated and chosen != now:
        request.user.language, request.user.theme = chosen.language, chosen.theme
        request.user.save(update_fields=["language", "theme"])
    return chosen


def keep_in_cookies(response: HttpResponseBase, chosen: Preferences) -> None:
    """So that the page on which one logs in looks the same."""
    _keep(response, settings.LANGUAGE_COOKIE_NAME, chosen.language)
    _keep(response, THEME_COOKIE_NAME, "" if chosen.theme == "system" else chosen.theme)


def _keep(response: HttpResponseBase, name: str, value: str) -> None:
    if value:
        response.set_cookie(
            name, value, max_age=COOKIE_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE, httponly=True
        )
    else:
        response.delete_cookie(name, samesite="Lax")


class PreferencesMiddleware(MiddlewareMixin):
    """Speaks the language that the user has chosen, whatever browser the user sits at."""

    def process_request(self, request: HttpRequest) -> None:
        if request.user.is_authenticated and request.user.language:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()


def theme(request: HttpRequest) -> dict[str, str]:
    """For templates: `theme` is what the `data-theme` of the page says."""
    return {"theme": preferences_of(request).theme if hasattr(request, "user") else "system"}
