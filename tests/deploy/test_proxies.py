"""What deploy/nginx.conf and deploy/Caddyfile let through, tried with the real programs."""

import asyncio
import gzip
import ssl

import httpx
import orjson
import pytest
from websockets.asyncio.client import connect

from chat.proof.cluster import Cluster
from tests.deploy.conftest import HASHED, SCRIPT
from tests.deploy.proxies import Caddy, Nginx, Proxy

pytestmark = pytest.mark.asyncio(loop_scope="session")

FORGED = {
    "X-Forwarded-For": "6.6.6.6",
    "X-Forwarded-Proto": "http",
    "X-Real-IP": "6.6.6.6",
    "Forwarded": "for=6.6.6.6;proto=http",
}
SEVERAL = 24


def browser(proxy: Proxy) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=proxy.url, verify=proxy.trust, trust_env=False)


async def talk(proxy: Proxy, **headers: str) -> dict:
    """Open a socket, have one word said back, and give what the node was told about us."""
    options = {"ssl": proxy.trust, "proxy": None, "subprotocols": ["distchat.v1"], "additional_headers": headers}
    async with connect(proxy.socket_url, **options) as socket:
        heard = orjson.loads(await socket.recv())
        await socket.send("hello")
        assert (await socket.recv(), socket.subprotocol) == ("hello", "distchat.v1")
        return heard


def of_proxy(headers: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: value for name, value in headers.items() if name in {each.lower() for each in FORGED} | {"host"}}


async def test_a_node_is_told_the_truth_about_a_caller_who_forges_headers(proxy: Proxy):
    async with browser(proxy) as client:
        page = (await client.get("/c/1/", headers=FORGED)).json()
    opened = await talk(proxy, **FORGED)

    true = {
        "host": [f"localhost:{proxy.port}"],
        "x-forwarded-for": ["127.0.0.1"],
        "x-forwarded-proto": ["https"],
    }
    assert (of_proxy(page["headers"]), of_proxy(opened["headers"])) == (true, true)


@pytest.mark.parametrize(
    "path", ["/metrics", "/readyz", "/healthz", "/%6detrics", "//metrics", "/./readyz", "/x/../metrics", "/metrics?a=b"]
)
async def test_what_is_for_operators_is_not_there_from_outside(proxy: Proxy, path: str):
    async with browser(proxy) as client:
        answer = await client.request("GET", httpx.URL(proxy.url, raw_path=path.encode()))
    reached = orjson.loads(answer.content)["path"] if answer.status_code == 200 else ""

    assert reached not in ("/metrics", "/readyz", "/healthz")
    assert answer.status_code == 404 or reached.startswith(("//", "/./", "/x/"))


async def test_sockets_pass_over_the_node_that_is_going_away(proxy: Proxy):
    if isinstance(proxy, Caddy):
        await asyncio.sleep(2.5)  # it asks every second whether nodes are ready
    heard = await asyncio.gather(*(talk(proxy) for _ in range(SEVERAL)))

    assert {each["node"] for each in heard} == {"server_1", "server_2"}


async def test_nobody_notices_a_dead_node(proxy: Proxy, parrots: Cluster):
    await parrots.kill("server_2")
    try:
        async with browser(proxy) as client:
            pages = await asyncio.gather(*(client.get("/c/1/") for _ in range(SEVERAL)))
        heard = await asyncio.gather(*(talk(proxy) for _ in range(SEVERAL)))
        posts = []
        async with browser(proxy) as client:
            posts = [await client.post("/accounts/login/", content=b"x") for _ in range(4)]
    finally:
        await parrots.restart("server_2")

    assert {page.status_code for page in [*pages, *posts]} == {200}
    assert {each["node"] for each in heard} == {"server_1"}


async def test_static_files_come_straight_and_those_named_by_content_are_kept_for_ever(proxy: Proxy, static_files):
    (static_files / f"{HASHED}.gz").write_bytes(gzip.compress(SCRIPT))
    async with browser(proxy) as client:
        hashed = await client.get(f"/static/{HASHED}", headers={"Accept-Encoding": "gzip"})
        plain = await client.get("/static/app.mjs", headers={"Accept-Encoding": "identity"})

    assert (hashed.content, hashed.headers["content-encoding"]) == (SCRIPT, "gzip")
    assert (plain.content, plain.headers.get("content-encoding")) == (SCRIPT, None)
    for answer in (hashed, plain):
        assert answer.headers["content-type"].partition(";")[0] in {"text/javascript", "application/javascript"}
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert hashed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["cache-control"] == "public, max-age=60"


async def test_a_static_file_of_another_version_comes_from_a_node(proxy: Proxy):
    async with browser(proxy) as client:
        answer = await client.get("/static/old.0123456789ab.js")

    assert orjson.loads(answer.content)["path"] == "/static/old.0123456789ab.js"


@pytest.mark.parametrize(
    "path", ["/static/../secret", "/static/%2e%2e/secret", "/static/..%2fsecret", "/static../secret"]
)
async def test_nothing_beside_the_static_files_is_served(proxy: Proxy, static_files, path: str):
    (static_files.parent / "secret").write_text("the database")
    async with browser(proxy) as client:
        answer = await client.request("GET", httpx.URL(proxy.url, raw_path=path.encode()))

    assert "the database" not in answer.text


async def test_a_body_larger_than_any_form_is_refused(proxy: Proxy):
    async with browser(proxy) as client:
        assert (await client.post("/accounts/login/", content=b"x" * 1_000_000)).status_code == 200
        assert (await client.post("/accounts/login/", content=b"x" * 3_000_000)).status_code == 413


async def test_who_comes_without_tls_is_sent_to_https(proxy: Proxy):
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://localhost:{proxy.http_port}/c/1/?a=b")

    assert answer.status_code == 308
    assert answer.headers["location"].startswith("https://localhost")
    assert answer.headers["location"].endswith("/c/1/?a=b")


async def test_another_name_gets_no_answer(proxy: Proxy):
    trust = proxy.trust
    trust.check_hostname = False
    with pytest.raises(ssl.SSLError):
        await asyncio.open_connection("127.0.0.1", proxy.port, ssl=trust, server_hostname="other.example")


async def test_the_key_of_a_password_reset_stays_out_of_every_log(proxy: Proxy):
    async with browser(proxy) as client:
        await client.get("/accounts/password/reset/key/7-secretkey/")
        await client.get("/c/123/")

    said = "".join(file.read_text() for file in proxy.folder.glob("*.log"))
    assert ("/c/123/" in said, "secretkey" in said) == (isinstance(proxy, Nginx), False)
