"""A browser, three nodes, and windows that end the test when their page complains."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from chat.proof.cluster import Cluster
from chat.proof.site import Site
from chat.proof.stage import Stage
from tests.browser.chromium import LAN_NAME, MISSING, chromium_program, start_chromium
from tests.browser.window import TIMEOUT_MS
from tests.browser.windows import Windows
from tests.integration.places import *  # noqa: F403 - fixtures

IS_MISSING = chromium_program() is None
collect_ignore_glob = ["test_*.py"] if IS_MISSING else []
HOSTS = f"localhost,127.0.0.1,{LAN_NAME}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One loud line, where a skip of each test would be fifty."""
    if IS_MISSING:
        terminalreporter.write_line(MISSING, red=True, bold=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """One process for all tests; each window is a profile of its own."""
    program = chromium_program()
    assert program is not None
    expect.set_options(timeout=TIMEOUT_MS)
    async with async_playwright() as playwright:
        browser = await start_chromium(playwright, program)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cluster(chromium: Browser, site: Site) -> AsyncIterator[Cluster]:
    """server_1, server_2 and server_3, which the tests leave running."""
    async with site.cluster(3, ALLOWED_HOSTS=HOSTS) as nodes:
        yield nodes


@pytest_asyncio.fixture(loop_scope="session")
async def stage(chromium: Browser, site: Site, cluster: Cluster) -> AsyncIterator[Stage]:
    """At its end no node has logged a traceback."""
    before = len(site.log_text(cluster))
    stage = Stage(site, cluster)
    yield stage
    await stage.close()
    assert stage.violations == []
    assert "Traceback" not in site.log_text(cluster)[before:]


@pytest_asyncio.fixture(loop_scope="session")
async def windows(chromium: Browser, site: Site, cluster: Cluster) -> AsyncIterator[Windows]:
    """Windows on the nodes; at the end none of their pages has complained."""
    windows = Windows(chromium, site, cluster)
    yield windows
    await windows.close()
    assert windows.complaints == []
