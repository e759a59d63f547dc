"""Proxies in front of nodes that only tell what reached them, and a production site as compose would run it."""

from collections.abc import AsyncIterator
from pathlib import Path
from unittest import mock

import pytest
import pytest_asyncio

from chat.ops.redis_server import RedisServer
from chat.ops.static_files import collect
from chat.proof.cluster import Cluster
from tests.deploy.production import ProductionNodes, ProductionSite
from tests.deploy.proxies import PROXIES, Nginx, Nodes, Proxy
from tests.deploy.sentinel import MISSING, haproxy
from tests.integration.places import *  # noqa: F403 - fixtures
from tests.integration.places import new_postgres_database

PARROT = "tests.deploy.parrot:application"
HASHED = "app.0123456789ab.mjs"
SCRIPT = b"export const hello = 'hello';\n" * 100


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One loud line for each that is missing."""
    for missing in filter(None, [*(proxy.missing() for proxy in PROXIES), "" if haproxy() else MISSING]):
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


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def production(
    postgres_url: str, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[ProductionSite, ProductionNodes]]:
    """Migrated, three nodes, the assistant's worker, proxies; this process believes the certificates of the proxies."""
    if missing := Nginx.missing():
        pytest.skip(missing)
    assert collect()
    folder = tmp_path_factory.mktemp("production")
    with ProductionSite(folder, database_url=new_postgres_database(postgres_url), redis_url=redis_server.url) as site:
        migrated = site.manage("migrate", "--noinput")
        assert migrated.returncode == 0, migrated.stderr
        async with ProductionNodes(site) as nodes:
            with mock.patch.dict("os.environ", SSL_CERT_FILE=str(nodes.certificates())):
                yield site, nodes
