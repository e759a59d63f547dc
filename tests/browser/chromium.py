"""Where Chromium is and how it is started: alone, silent towards the world, with a profile that nobody used before."""

import shutil

from playwright.async_api import Browser, Playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
MISSING = "NOT TESTED IN A BROWSER: Chromium is not installed (apt install chromium)"
LAN_NAME = "chat.lan"
"""A name for this machine that is, to the browser, some machine of the local network: no secure context without TLS."""

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {LAN_NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


def chromium_program() -> str | None:
    """The path of the first one on PATH; None where there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


async def start_chromium(playwright: Playwright, program: str) -> Browser:
    """Headless."""
    return await playwright.chromium.launch(executable_path=program, headless=True, args=OPTIONS)
