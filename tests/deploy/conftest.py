"""Proxies in front of nodes that only tell what reached them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from chat.proof.cluster import Cluster
from tests.deploy.proxies import PROXIES, Nodes, Proxy
from tests.integration.places import *  # noqa: F403 - fixtures

PARROT = "tests.deploy.parrot:application"
HASHED = "app.0123456789ab.mjs"
SCRIPT = b"export const hello = 'hello';\n" * 100


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One loud line for each that is missing."""
    for missing in filter(None, (proxy.missing() for proxy in PROXIES)):
        terminalreporter.write_line(missing, red=True, bold=True)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def parrots(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    """server_1, server_2, server_3: the last one is leaving."""
    nodes = Cluster(
        3,
        application=PARROT,
        log_directory=tmp_path_factory.mktemp("parrots"),
        node_environment={"server_3": {"DISTCHAT_NODE": "leaving"}},
    )
    async with nodes:
        yield nodes


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collected") / "static"
    folder.mkdir()
    (folder / HASHED).write_bytes(SCRIPT)
    (folder / "app.mjs").write_bytes(SCRIPT)
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=PROXIES, ids=lambda proxy: proxy.program)
async def proxy(
    request: pytest.FixtureRequest, parrots: Cluster, static_files: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Proxy]:
    """nginx, then Caddy, in front of the parrots."""
    if missing := request.param.missing():
        pytest.skip(missing)
    ports = [node.port for node in parrots.nodes.values()]
    with request.param(tmp_path_factory.mktemp("proxy"), Nodes(ports, static_files)) as found:
        yield found
