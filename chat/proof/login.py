"""Logs people in over HTTP the way a browser does: form, CSRF token, cookies, redirect."""

import asyncio
import ssl
from collections.abc import Iterable
from html.parser import HTMLParser

import httpx

LOGIN_PATH = "/accounts/login/"
LOGOUT_PATH = "/accounts/logout/"
TOKEN_FIELD = "csrfmiddlewaretoken"  # noqa: S105 - the name of a form field
TOKEN_COOKIE = "csrftoken"  # noqa: S105 - the name of a cookie
SESSION_COOKIE = "sessionid"
ANSWER_SECONDS = 30.0
AT_ONCE = 8


class LoginFailed(ConnectionError):
    """Nobody was logged in; the text says why and what to do next."""


async def log_in(base_url: str, username: str, password: str) -> str:
    """Log in through the form and return the Cookie header for the socket. Raises LoginFailed."""
    who = f"cannot log in {username} at {base_url}"
    try:
        async with _browser(base_url) as browser:
            page = await browser.get(LOGIN_PATH)
            _expect_page(page, who)
            answer = await browser.post(
                LOGIN_PATH,
                data={"login": username, "password": password, TOKEN_FIELD: _token_in(page.text, who)},
                headers=_as_browser(base_url, LOGIN_PATH),
            )
            _expect_session(browser, answer, who)
            return _cookie_header(browser)
    except httpx.HTTPError as failure:
        reason = f"{type(failure).__name__} {failure}".strip()
        raise LoginFailed(f"{who}: {reason}. Is the node running? Look into its log.") from failure


async def log_in_all(people: Iterable[tuple[str, str, str]], *, at_once: int = AT_ONCE) -> list[str]:
    """Log in many: (base_url, username, password) each; Cookie headers in the same order. Raises LoginFailed."""
    places = asyncio.Semaphore(at_once)

    async def one(base_url: str, username: str, password: str) -> str:
        async with places:
            return await log_in(base_url, username, password)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(*person)) for person in people]
    return [task.result() for task in tasks]


async def log_out(base_url: str, cookies: str) -> None:
    """Log out through the form. Raises LoginFailed."""
    who = f"cannot log out at {base_url}"
    try:
        async with _browser(base_url, cookies) as browser:
            page = await browser.get(LOGOUT_PATH)
            _expect_page(page, who)
            form = {TOKEN_FIELD: _token_in(page.text, who)}
            answer = await browser.post(LOGOUT_PATH, data=form, headers=_as_browser(base_url, LOGOUT_PATH))
    except httpx.HTTPError as failure:
        raise LoginFailed(f"{who}: {failure}. Is the node running?") from failure
    if answer.status_code >= 400 and not answer.history:
        raise LoginFailed(f"{who}: the server answered {answer.status_code}. Look into the log of the node.")


def cookie_value(cookies: str, name: str) -> str:
    """The value of one cookie in a Cookie header, or "" when it is not there."""
    pairs = (pair.partition("=") for pair in cookies.split("; "))
    return next((value for key, _, value in pairs if key == name), "")


def _browser(base_url: str, cookies: str = "") -> httpx.AsyncClient:
    jar = dict(pair.split("=", 1) for pair in cookies.split("; ") if "=" in pair)
    return httpx.AsyncClient(
        base_url=base_url,
        cookies=jar,
        follow_redirects=True,
        timeout=ANSWER_SECONDS,
        trust_env=False,
        verify=ssl.create_default_context(),  # whom this machine trusts (SSL_CERT_FILE), as the sockets do
    )


def _as_browser(base_url: str, path: str) -> dict[str, str]:
    return {"Origin": base_url.rstrip("/"), "Referer": base_url.rstrip("/") + path}


def _expect_page(page: httpx.Response, who: str) -> None:
    if page.status_code != 200:
        raise LoginFailed(f"{who}: the form answered {page.status_code}. Look into the log of the node.")


def _expect_session(browser: httpx.AsyncClient, answer: httpx.Response, who: str) -> None:
    if answer.status_code == 429:
        raise LoginFailed(f"{who}: too many logins (429). Wait a minute, or raise DISTCHAT_LOGINS_PER_MINUTE.")
    if answer.status_code == 403 and not answer.history:
        raise LoginFailed(f"{who}: CSRF check failed (403). Is this address in ALLOWED_HOSTS and the clock right?")
    if answer.status_code >= 500:
        raise LoginFailed(f"{who}: the server answered {answer.status_code}. Look into the log of the node.")
    if SESSION_COOKIE not in browser.cookies or not answer.history:
        raise LoginFailed(f"{who}: the form came back. Check name and password, or create the user.")


def _cookie_header(browser: httpx.AsyncClient) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)


class _TokenFinder(HTMLParser):
    token = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        fields = dict(attrs)
        if tag == "input" and fields.get("name") == TOKEN_FIELD and not self.token:
            self.token = fields.get("value") or ""


def _token_in(page: str, who: str) -> str:
    finder = _TokenFinder()
    finder.feed(page)
    if not finder.token:
        raise LoginFailed(f"{who}: the page has no CSRF token. Is this really a distchat node?")
    return finder.token
