"""What a browser calls itself, in words that its owner recognises: "Firefox 128 on Linux"."""

import re
from dataclasses import dataclass

LONGEST = 512
"""A header may be as long as a server lets it be; what identifies a browser comes early."""

BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"\b(?:OPR|OPT)/(\d+)"),
    ("Samsung Internet", r"\bSamsungBrowser/(\d+)"),
    ("WeChat", r"\bMicroMessenger/(\d+)"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"\b(?:Chrome|HeadlessChrome|CriOS|Chromium)/(\d+)"),
    ("Safari", r"\bVersion/(\d+)[\d.]*.*\bSafari/"),
)
"""In this order: nearly all of them also claim to be Chrome or Safari."""

PLATFORMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"\bMac OS X\b"),
    ("Linux", r"\bLinux\b"),
)


@dataclass(frozen=True, slots=True)
class Browser:
    """Each is "" when the header does not say; `version` is the first number of it."""

    name: str = ""
    version: str = ""
    platform: str = ""


def browser_of(user_agent: str) -> Browser:
    """Read the `User-Agent` header (RFC 9110, 10.1.5); it is only shown, for anybody may say anything there."""
    said = user_agent[:LONGEST]
    name, version = next(
        ((name, found[1]) for name, pattern in BROWSERS if (found := re.search(pattern, said))), ("", "")
    )
    platform = next((name for name, pattern in PLATFORMS if re.search(pattern, said)), "")
    return Browser(name, version, platform)
