"""Who is knocking: the session cookie of a browser or the bearer token of a program, from a page of ours."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain

from accounts.access import Access, authenticate_cookies
from accounts.tokens import authenticate_tokens
from chat.database import Database

Headers = Mapping[bytes, bytes]
DEVELOPMENT_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
BEARER = "bearer "


async def authenticate(database: Database, headers: Headers) -> Access | None:
    """What the caller proved, read from the database. Raises ChatError(UNAVAILABLE) when it cannot be read."""
    token = _bearer_token(headers)
    if token is not None:
        return await database.read_each(authenticate_tokens, token)
    cookies = parse_cookie(headers.get(b"cookie", b"").decode("latin1"))
    session_key = cookies.get(settings.SESSION_COOKIE_NAME, "")
    return await database.read_each(authenticate_cookies, session_key) if session_key else None


def is_from_here(headers: Headers) -> bool:
    """Whether the page that opened the socket is one of ours (RFC 6455, 10.2); programs with a token have no page.

    The origin must be that of the host spoken to, or one of DISTCHAT_ORIGINS or CSRF_TRUSTED_ORIGINS. Where people come
    by HTTPS alone, a page without it may be anybody's who sits on the way.
    """
    host = headers.get(b"host", b"").decode("latin1")
    if not _is_allowed(host):
        return False
    origin = headers.get(b"origin")
    if origin is None:
        return _bearer_token(headers) is not None
    return _is_origin_of(origin.decode("latin1"), host)


def _bearer_token(headers: Headers) -> str | None:
    authorization = headers.get(b"authorization", b"").decode("latin1")
    return authorization[len(BEARER) :].strip() if authorization[: len(BEARER)].lower() == BEARER else None


def _is_allowed(host: str) -> bool:
    domain, _ = split_domain_port(host)
    allowed = settings.ALLOWED_HOSTS or (DEVELOPMENT_HOSTS if settings.DEBUG else [])
    return bool(domain) and validate_host(domain, allowed)


def _is_origin_of(origin: str, host: str) -> bool:
    try:
        parts = urlsplit(origin)
        well_formed = parts.scheme in _schemes() and bool(parts.hostname)
    except ValueError:
        return False
    return well_formed and (parts.netloc.lower() == host.lower() or _is_trusted(parts.scheme, parts.netloc))


def _schemes() -> tuple[str, ...]:
    return ("https",) if settings.IS_HTTPS else ("http", "https")


def _is_trusted(scheme: str, netloc: str) -> bool:
    for trusted in map(urlsplit, [*settings.DISTCHAT_ORIGINS, *settings.CSRF_TRUSTED_ORIGINS]):
        if trusted.scheme == scheme and is_same_domain(netloc, trusted.netloc.lstrip("*")):
            return True
    return False


def address_of(scope: Mapping[str, Any], headers: Headers) -> str:
    """Where the caller is, "" when unknown: behind a trusted proxy what that says, as the pages take it (allauth)."""
    told = headers.get(b"x-forwarded-for", b"").decode("latin1") if settings.TRUST_PROXY else ""
    found = told.rpartition(",")[2].strip() or (scope.get("client") or [""])[0]
    try:
        return str(ip_address(found))
    except ValueError:  # a Unix socket has none, and a proxy may say "unknown"
        return ""


def headers_of(scope: Mapping[str, Any]) -> dict[bytes, bytes]:
    """The headers by lower-case name; of repeated ones the first counts."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.lower(), value)
    return found
