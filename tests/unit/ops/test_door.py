"""Who may read /metrics: whoever has the token, or without one a program on this machine that speaks for itself."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chat.ops.door import OperationsDoor

TOKEN = "a-token-for-prometheus"
Answer = tuple[int, dict[str, str], bytes]


async def ask(
    path: str = "/metrics",
    *,
    client: tuple[str, int] | None = ("127.0.0.1", 4711),
    method: str = "GET",
    **headers: str,
) -> Answer:
    """What the door answers; 299 where it hands the request on to Django."""
    sent: list[dict[str, Any]] = []

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    async def django(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    encoded = [(name.replace("_", "-").encode(), value.encode("latin1")) for name, value in headers.items()]
    scope = {"type": "http", "path": path, "method": method, "client": client, "headers": encoded}
    await OperationsDoor(django)(scope, None, send)
    start, body = sent
    named = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], named, body["body"]


async def status(**what: Any) -> int:
    return (await ask(**what))[0]


@pytest.fixture
def with_token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
async def test_without_a_token_a_program_on_this_machine_may_read(address: str):
    code, headers, body = await ask(client=(address, 4711))
    assert (code, headers["cache-control"]) == (200, "no-store")
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    assert headers["content-length"] == str(len(body))
    assert [family.name for family in text_string_to_metric_families(body.decode())] != []


@pytest.mark.parametrize(
    "client",
    [
        ("10.0.0.1", 4711),
        ("128.0.0.1", 1),
        ("::ffff:10.0.0.1", 1),
        ("fe80::1%eth0", 1),
        ("", 0),
        ("localhost", 0),
        None,
    ],
    ids=str,
)
async def test_without_a_token_nobody_else_learns_that_there_is_such_a_page(client: tuple[str, int] | None):
    assert await status(client=client) == 404
    assert await status(client=client, authorization="Bearer ") == 404
    assert await status(client=client, authorization=f"Bearer {TOKEN}") == 404
    assert await status(client=client, method="POST") == 404


@pytest.mark.parametrize(
    "name", ["forwarded", "via", "x_forwarded_for", "x_forwarded_host", "x_real_ip", "X_Forwarded_For"]
)
async def test_a_proxy_on_this_machine_is_not_a_neighbour(name: str):
    assert await status(**{name: "127.0.0.1"}) == 404
    assert await status(**{name: ""}) == 404


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1"])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"bearer  {TOKEN} ", 200),
        (None, 401),
        ("", 401),
        ("Bearer", 401),
        ("Bearer ", 401),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (TOKEN, 401),
        (f"Basic {TOKEN}", 401),
        ("Bearer ÿ", 401),
    ],
)
async def test_with_a_token_it_alone_opens_the_page(with_token: None, address: str, said: str | None, code: int):
    headers = {} if said is None else {"authorization": said}
    found, named, body = await ask(client=(address, 4711), **headers)
    assert found == code
    assert TOKEN.encode() not in body
    assert named.get("www-authenticate") == ("Bearer" if code == 401 else None)


async def test_a_proxy_may_pass_the_token_on(with_token: None):
    assert await status(authorization=f"Bearer {TOKEN}", x_forwarded_for="10.0.0.1") == 200


@pytest.mark.parametrize(
    ("method", "code"), [("GET", 200), ("HEAD", 200), ("POST", 405), ("PUT", 405), ("OPTIONS", 405)]
)
async def test_the_page_is_only_read(method: str, code: int):
    found, headers, _ = await ask(method=method)
    assert (found, headers.get("allow")) == (code, "GET, HEAD" if code == 405 else None)


@pytest.mark.parametrize("path", ["/", "/metrics/", "/metricsx", "/healthz/", "/chat/metrics"])
async def test_everything_else_is_handed_on(path: str):
    assert await status(path=path) == 299


async def test_health_is_answered_to_everybody():
    assert await status(path="/healthz", client=("10.0.0.1", 1), x_forwarded_for="10.0.0.2") == 200
    assert await status(path="/readyz", client=("10.0.0.1", 1)) == 503  # no node runs here
