"""Which pages may open a socket: the table of origins."""

import pytest
from django.test import override_settings
from pytest_django import Settings

from chat.edge.credentials import address_of, headers_of, is_from_here

HOST = "chat.example:9000"


def from_here(origin: str | None, host: str = HOST, **extra: str) -> bool:
    headers = {b"host": host.encode("latin1")} | {name.encode(): value.encode() for name, value in extra.items()}
    if origin is not None:
        headers[b"origin"] = origin.encode("latin1")
    return is_from_here(headers)


@pytest.fixture(autouse=True)
def _known_hosts():
    trusted = {"DISTCHAT_ORIGINS": ["https://app.example"], "CSRF_TRUSTED_ORIGINS": ["https://*.friends.example"]}
    with override_settings(ALLOWED_HOSTS=["chat.example"], **trusted):
        yield


@pytest.mark.parametrize(
    "origin",
    [
        *("http://chat.example:9000", "https://chat.example:9000", "HTTP://CHAT.example:9000", "https://app.example"),
        "https://one.friends.example",
    ],
)
def test_pages_of_this_host_and_of_trusted_origins_are_from_here(origin: str):
    assert from_here(origin) is True


@pytest.mark.parametrize(
    "origin",
    [
        *("https://evil.example", "http://chat.example", "http://chat.example:9001", "http://chat.example:9000.evil"),
        *("http://app.example", "https://app.example:8443", "https://sub.app.example", "http://one.friends.example"),
        *("https://evilfriends.example", "null", "", "nonsense", "http://", "http://[::1", "//chat.example:9000"),
        *("ftp://chat.example:9000", "javascript:alert(1)", "http://user@chat.example:9000", "\xff\xfe"),
    ],
)
def test_no_other_page_is_from_here_however_malformed(origin: str):
    assert from_here(origin) is False


def test_a_program_has_no_page_but_a_token():
    assert from_here(None) is False
    assert from_here(None, authorization="Bearer dct_x") is True
    assert from_here("https://evil.example", authorization="Bearer dct_x") is False


@pytest.mark.parametrize("host", ["evil.example", "", "chat.example.evil", "[::1", "chat.example:port"])
def test_a_host_that_is_not_ours_is_never_from_here(host: str):
    assert from_here(f"http://{host}", host) is False
    assert from_here(None, host, authorization="Bearer dct_x") is False


def test_of_repeated_headers_the_first_counts():
    scope = {"headers": [(b"Host", b"chat.example"), (b"host", b"evil.example"), (b"Origin", b"https://a")]}

    assert headers_of(scope) == {b"host": b"chat.example", b"origin": b"https://a"}


@pytest.mark.parametrize("origin", ["http://chat.example:9000", "http://CHAT.example:9000"])
def test_where_people_come_by_https_a_page_without_it_is_not_from_here(settings: Settings, origin: str):
    settings.IS_HTTPS = True
    assert from_here(origin) is False
    assert from_here(origin.replace("http:", "https:")) is True


def test_another_kind_of_authorization_is_no_token():
    assert from_here(None, authorization="Basic YW5uOnNlY3JldA==") is False
    assert from_here(None, authorization="") is False


@pytest.mark.parametrize(
    ("trusts", "told", "address"),
    [
        (False, "203.0.113.7", "10.0.0.1"),
        (True, "203.0.113.7", "203.0.113.7"),
        (True, "made up, 203.0.113.7", "203.0.113.7"),
        (True, "2001:db8::1", "2001:db8::1"),
        (True, "", "10.0.0.1"),
        (True, "unknown", ""),
        (True, "203.0.113.7:4711", ""),
    ],
)
def test_only_a_trusted_proxy_is_believed_about_where_a_socket_comes_from(trusts: bool, told: str, address: str):
    scope = {"client": ["10.0.0.1", 4711]}
    with override_settings(TRUST_PROXY=trusts):
        assert address_of(scope, {b"x-forwarded-for": told.encode()}) == address


def test_a_caller_on_a_unix_socket_has_no_address():
    with override_settings(TRUST_PROXY=False):
        assert address_of({"client": None}, {}) == ""
