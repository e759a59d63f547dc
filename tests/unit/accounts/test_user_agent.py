"""Browsers are named as their owners know them, and nothing that a header says can do harm."""

import pytest

from accounts.user_agent import Browser, browser_of

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("said", "known"),
    [
        (f"{MOZILLA} (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", Browser("Firefox", "128", "Linux")),
        (
            f"{MOZILLA} (Windows NT 10.0; Win64; x64) {KHTML} Chrome/126.0.0.0 Safari/537.36 Edg/126.0.2592.61",
            Browser("Edge", "126", "Windows"),
        ),
        (
            f"{MOZILLA} (Linux; Android 14; Pixel 8) {KHTML} Chrome/125.0.6422.113 Mobile Safari/537.36",
            Browser("Chrome", "125", "Android"),
        ),
        (
            f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/17.5 Safari/605.1.15",
            Browser("Safari", "17", "macOS"),
        ),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 17_5 like Mac OS X) {WEBKIT} CriOS/126.0 Mobile/15E148 Safari/604.1",
            Browser("Chrome", "126", "iPhone"),
        ),
        ("curl/8.5.0", Browser()),
        ("", Browser()),
        ("Version/1" * 100_000, Browser()),
    ],
    ids=lambda each: each[:60] if isinstance(each, str) else each.name,
)  # fmt: skip
def test_a_browser_is_known_by_its_header(said: str, known: Browser):
    assert browser_of(said) == known
