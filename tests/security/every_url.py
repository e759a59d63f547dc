"""Every address that this site answers to, from the URL resolver, each with an example and who may go there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.urls import get_resolver


class For(Enum):
    """Who may: everybody, whoever is logged in, who has such a thing, the conversation's members, the owner, staff."""

    EVERYBODY, USERS, HAVERS, MEMBERS, OWNERS, STAFF = range(6)


@dataclass(frozen=True, slots=True)
class Place:
    """`fields` is what a POST needs to be understood; None: it takes no POST."""

    path: str
    who: For
    fields: dict[str, Any] | None = None


def routes() -> list[str]:
    """All patterns, as they are written in urls.py, without the catch-all of the admin."""
    return [route for route in _walk(get_resolver().url_patterns, "") if route != "admin/(?P<url>.*)$"]


def _walk(patterns: list[Any], before: str) -> Iterator[str]:
    for pattern in patterns:
        written = before + str(pattern.pattern).removeprefix("^")
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern.url_patterns, written)
        else:
            yield written


def place_of(route: str, ids: dict[str, Any]) -> Place:
    """Raises KeyError for an address that has no row: say who may go there."""
    if route.startswith("admin/"):
        return Place("/" + _admin_example(route, ids), For.STAFF, FOR_SCRIPTS.get(route))
    who, fields = ROWS[route]
    path = re.sub(r"<\w+:(\w+)>", lambda found: str(ids[found[1]]), EXAMPLES.get(route, route))
    return Place("/" + path, who, fields)


def _admin_example(route: str, ids: dict[str, Any]) -> str:
    """A row's page in the admin is asked for the row 1 of whatever it is."""
    route = route.replace("<path:content_type_id>", "1").replace("<path:object_id>", "1").replace("<id>", "1")
    return re.sub(r"\(\?P<app_label>(\w+)\|[^)]*\)/\$", r"\1/", route)


EXAMPLES = {
    r"accounts/confirm-email/(?P<key>[-:\w]+)/$": "accounts/confirm-email/wrong-key/",
    r"accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "accounts/password/reset/key/1-wrong-key/",
}

FOR_SCRIPTS: dict[str, dict[str, Any]] = {
    "admin/chat/clusternode/order/": {"life": "a life", "what": "drain"},
    "admin/chat/clusternode/announce/": {"text": "hello", "minutes": "5"},
    "admin/chat/clusternode/end/": {"id": "6ba7b811-9dad-41d1-80b4-00c04fd430c8"},
}
"""Addresses of the admin that take commands alone, and answer with JSON: "forbidden", never a way to log in."""

EMPTY: dict[str, Any] = {}

ROWS: dict[str, tuple[For, dict[str, Any] | None]] = {
    # The chat: its page is the same for all; what is in a conversation comes by the socket
    "": (For.USERS, None),
    "c/<int:conversation>/": (For.USERS, None),
    "c/<int:conversation>/<int:seq>/": (For.USERS, None),
    "devices/": (For.USERS, None),
    "preferences": (For.EVERYBODY, {"theme": "dark"}),
    "i18n/setlang/": (For.EVERYBODY, {"language": "en"}),
    "conversations/<int:conversation>/mute": (For.MEMBERS, {"on": "true"}),
    "conversations/<int:conversation>/unread": (For.MEMBERS, {"seq": "2"}),
    "conversations/<int:conversation>/assistant": (For.MEMBERS, {"policy": "mention"}),
    # Accounts
    "accounts/preferences/": (For.USERS, None),
    "accounts/devices/revoke-others/": (For.USERS, EMPTY),
    "accounts/devices/<uuid:uuid>/rename/": (For.OWNERS, {"name": "mine"}),
    "accounts/devices/<uuid:uuid>/revoke/": (For.OWNERS, EMPTY),
    "accounts/login/": (For.EVERYBODY, EMPTY),
    "accounts/logout/": (For.EVERYBODY, EMPTY),
    "accounts/inactive/": (For.EVERYBODY, None),
    "accounts/signup/": (For.EVERYBODY, EMPTY),
    "accounts/reauthenticate/": (For.USERS, EMPTY),
    "accounts/email/": (For.USERS, EMPTY),
    "accounts/confirm-email/": (For.EVERYBODY, None),
    r"accounts/confirm-email/(?P<key>[-:\w]+)/$": (For.EVERYBODY, None),
    "accounts/password/change/": (For.USERS, EMPTY),
    "accounts/password/set/": (For.USERS, EMPTY),
    "accounts/password/reset/": (For.EVERYBODY, EMPTY),
    "accounts/password/reset/done/": (For.EVERYBODY, None),
    "accounts/password/reset/key/done/": (For.EVERYBODY, None),
    r"accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (For.EVERYBODY, None),
    "accounts/login/code/confirm/": (For.EVERYBODY, None),
    "accounts/sessions/": (For.USERS, EMPTY),
    # The second factor
    "accounts/2fa/": (For.USERS, None),
    "accounts/2fa/authenticate/": (For.EVERYBODY, None),
    "accounts/2fa/reauthenticate/": (For.USERS, EMPTY),
    "accounts/2fa/totp/activate/": (For.USERS, EMPTY),
    "accounts/2fa/totp/deactivate/": (For.HAVERS, EMPTY),
    "accounts/2fa/recovery-codes/": (For.HAVERS, None),
    "accounts/2fa/recovery-codes/generate/": (For.USERS, EMPTY),
    "accounts/2fa/recovery-codes/download/": (For.HAVERS, None),
    "accounts/2fa/webauthn/": (For.USERS, None),
    "accounts/2fa/webauthn/add/": (For.USERS, EMPTY),
    "accounts/2fa/webauthn/reauthenticate/": (For.USERS, EMPTY),
    "accounts/2fa/webauthn/keys/<int:pk>/remove/": (For.OWNERS, EMPTY),
    "accounts/2fa/webauthn/keys/<int:pk>/edit/": (For.OWNERS, {"name": "mine"}),
    "accounts/2fa/webauthn/login/": (For.EVERYBODY, None),
}
