"""Logging in like a browser, against a page that is as strict as Django's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

import pytest

from chat.proof.login import LoginFailed, cookie_value, log_in, log_in_all, log_out

FORM = '<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="field&amp;token"></form>'


class Site:
    """A login page: token cookie and field, Origin checked, a session for the right password, then a redirect."""

    def __init__(self) -> None:
        self.url = ""
        self.login_status = 0
        self.form = FORM
        self.busy = 0
        self.most_busy = 0
        self.sessions: set[str] = {"old"}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                await self._answer(line.decode().split(), reader, writer)
        finally:
            writer.close()

    async def _answer(self, request: list[str], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        headers = {}
        while (line := (await reader.readline()).decode().strip()) != "":
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        await asyncio.sleep(0.01)
        self.busy -= 1
        status, extra, content = self._page(request[0], request[1], headers, parse_qs(body))
        lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", *extra]
        writer.write(("\r\n".join(lines) + "\r\n\r\n" + content).encode())
        await writer.drain()

    def _page(
        self, method: str, path: str, headers: dict[str, str], form: dict[str, list[str]]
    ) -> tuple[int, list[str], str]:
        if path == "/":
            return 404, [], "nothing here yet"
        if method == "GET":
            return 200, ["Set-Cookie: csrftoken=cookietoken; Path=/"], self.form
        if self.login_status:
            return self.login_status, [], ""
        is_ours = headers.get("origin") == self.url and headers.get("referer", "").startswith(self.url)
        if not is_ours or "csrftoken=cookietoken" not in headers["cookie"]:
            return 403, [], ""
        if form["csrfmiddlewaretoken"] != ["field&token"]:
            return 403, [], ""
        if path == "/accounts/logout/":
            self.sessions -= {cookie_value(headers["cookie"], "sessionid")}
            return 302, ["Location: /", "Set-Cookie: sessionid=; Max-Age=0; Path=/"], ""
        if form["password"] != ["right"]:
            return 200, [], self.form
        return 302, ["Location: /", f"Set-Cookie: sessionid=of-{form['login'][0]}; Path=/; HttpOnly"], ""


@asynccontextmanager
async def running(site: Site) -> AsyncIterator[Site]:
    server = await asyncio.start_server(site.handle, "127.0.0.1", 0)
    site.url = "http://{}:{}".format(*server.sockets[0].getsockname()[:2])
    try:
        yield site
    finally:
        server.close()


@pytest.fixture
async def site():
    async with running(Site()) as site:
        yield site


async def test_the_cookie_header_of_a_login_opens_the_socket(site):
    cookies = await log_in(site.url, "ann", "right")
    assert cookie_value(cookies, "sessionid") == "of-ann"
    assert cookie_value(cookies, "csrftoken") == "cookietoken"


async def test_a_wrong_password_says_what_to_do(site):
    with pytest.raises(LoginFailed, match="Check name and password"):
        await log_in(site.url, "ann", "wrong")


@pytest.mark.parametrize(("status", "hint"), [(429, "too many logins"), (403, "CSRF"), (500, "log of the node")])
async def test_every_other_refusal_has_a_hint(site, status, hint):
    site.login_status = status
    with pytest.raises(LoginFailed, match=hint):
        await log_in(site.url, "ann", "right")


async def test_a_page_without_a_token_is_no_node(site):
    site.form = "<p>It works!</p>"
    with pytest.raises(LoginFailed, match="really a distchat node"):
        await log_in(site.url, "ann", "right")


async def test_a_node_that_is_not_there_says_so(unused_tcp_port):
    with pytest.raises(LoginFailed, match="Is the node running"):
        await log_in(f"http://127.0.0.1:{unused_tcp_port}", "ann", "right")


async def test_many_logins_keep_their_order_and_their_bound(site):
    people = [(site.url, f"user{number}", "right") for number in range(20)]
    cookies = await log_in_all(people, at_once=4)
    assert [cookie_value(each, "sessionid") for each in cookies] == [f"of-user{number}" for number in range(20)]
    assert site.most_busy <= 4


async def test_logging_out_ends_the_session(site):
    await log_out(site.url, "sessionid=old; csrftoken=cookietoken")
    assert site.sessions == set()
