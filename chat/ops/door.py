"""What is answered before Django, so that no busy thread can hold it up: `/healthz`, `/readyz` and `/metrics`."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import IPv6Address, ip_address
from typing import Any

import orjson
from django.conf import settings
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from chat.edge.credentials import headers_of
from chat.ops.health import Report, alive, ready
from chat.ops.metrics import page

Application = Callable[[Any, Any, Any], Awaitable[None]]
BEARER = b"bearer "
FORWARDED = frozenset({b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"})
"""Who sends one of these (RFC 7239, RFC 9110) is a proxy, and speaks for somebody else."""

SAFE = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class OperationsDoor:
    """An ASGI application that answers for the state of the node and hands everything else on."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == "/healthz":
            await _report(send, alive())
        elif scope["path"] == "/readyz":
            await _report(send, await ready())
        elif scope["path"] == "/metrics":
            await _metrics(scope, send)
        else:
            await self._application(scope, receive, send)


async def _metrics(scope: Mapping[str, Any], send: Any) -> None:
    headers = headers_of(scope)
    token: str = settings.METRICS_TOKEN
    if token and not _is_token(headers.get(b"authorization", b""), token):
        await _answer(send, 401, b"The token of METRICS_TOKEN is needed.\n", (b"www-authenticate", b"Bearer"))
    elif not token and not is_neighbour(scope, headers):
        await _answer(send, 404, b"Not found.\n")
    elif scope["method"] not in ("GET", "HEAD"):
        await _answer(send, 405, b"GET or HEAD.\n", (b"allow", b"GET, HEAD"))
    else:
        await _answer(send, 200, page(), kind=CONTENT_TYPE_PLAIN_0_0_4.encode())


def _is_token(authorization: bytes, token: str) -> bool:
    said = authorization[len(BEARER) :].strip() if authorization[: len(BEARER)].lower() == BEARER else b""
    return hmac.compare_digest(said, token.encode())


def is_neighbour(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> bool:
    """Whether this comes from a program on this machine that speaks for itself."""
    address, _port = scope.get("client") or ("", 0)
    return _is_loopback(address) and FORWARDED.isdisjoint(headers)


def _is_loopback(address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:  # a Unix socket has none
        return False
    inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return (inner or found).is_loopback


async def _report(send: Any, report: Report) -> None:
    is_good, body = report
    await _answer(send, 200 if is_good else 503, orjson.dumps(body), kind=b"application/json")


async def _answer(
    send: Any, status: int, body: bytes, *headers: tuple[bytes, bytes], kind: bytes = b"text/plain; charset=utf-8"
) -> None:
    usual = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *SAFE]
    await send({"type": "http.response.start", "status": status, "headers": [*usual, *headers]})
    await send({"type": "http.response.body", "body": body})
