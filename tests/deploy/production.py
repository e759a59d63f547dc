"""A production site by hand on one machine: the commands and settings of deploy/compose.yaml behind real proxies.

What differs from compose: the addresses (free ports of the loopback), and a PostgreSQL and a Redis of our own.
"""

import os
import secrets
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest
from django.conf import settings

from chat.ops.child import Child
from chat.proof.cluster import HOST, PROJECT, Cluster
from chat.proof.process import NodeProcess
from chat.proof.site import Site
from tests.deploy import compose
from tests.deploy.proxies import PROXIES, Nginx, Nodes, Proxy

OF_A_SHELL = ("PATH", "HOME", "LANG", "TZ")
JOB_SECONDS = 120


def program(words: list[str], *more: str) -> list[str]:
    """A command as it is run in the container, with this machine's Python."""
    known = {"python": sys.executable, "daphne": str(Path(sys.executable).parent / "daphne")}
    return [*(known.get(word, word) for word in words), *more]


class ProductionSite(Site):
    """`manage` is `docker compose run --rm manage`."""

    def __init__(self, folder: Path, *, database_url: str, redis_url: str) -> None:
        super().__init__(folder, database_url=database_url, redis_url=redis_url)
        example = compose.dotenv(compose.EXAMPLE.read_text())
        filled = {name: secrets.token_hex(32) for name in ("SECRET_KEY", "CHANNEL_SECRET", "METRICS_TOKEN")}
        self._values = {
            **example,
            **filled,
            "POSTGRES_PASSWORD": "unused",
            "REDIS_PASSWORD": "unused",
            "ALLOWED_HOSTS": f"localhost,{HOST}",
            "DISTCHAT_HSTS_SECONDS": "0",
        }

    def of_service(self, service: str) -> dict[str, str]:
        """What a process of this service finds in its environment, and nothing of ours."""
        here = {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "PYTHONUNBUFFERED": "1"}
        shell = {name: os.environ[name] for name in OF_A_SHELL if name in os.environ}
        return {**shell, **compose.environment_of(service, self._values), **here}

    @property
    def environment(self) -> dict[str, str]:
        return {**self.of_service("manage"), "DJANGO_SETTINGS_MODULE": "distchat_site.settings"}

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.run("manage", *words)

    def run(self, service: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a service that comes to an end."""
        return subprocess.run(
            program(compose.command_of(service), *words),
            cwd=PROJECT,
            env=self.of_service(service),
            capture_output=True,
            text=True,
            timeout=JOB_SECONDS,
            check=False,
        )


class ProductionNodes(Cluster):
    """The services node1, node2, node3 and assistant, and in front of them each proxy that is installed.

    People come through a proxy to any node. For what the tests read from each node at the end it has an nginx of its
    own: a node of an HTTPS site takes nobody without it.
    """

    def __init__(self, site: ProductionSite) -> None:
        super().__init__(3, log_directory=site.folder / "log")
        self._site = site
        self.proxies: dict[type[Proxy], Proxy] = {}
        self._doors: dict[str, Proxy] = {}
        self.worker: Child
        self._open = ExitStack()

    async def __aenter__(self) -> Self:
        await self.start()
        self.start_worker()
        self._open.callback(lambda: self.worker.stop())
        ports = [node.port for node in self.nodes.values()]
        self.proxies = {kind: self._proxy(kind, kind.program, ports) for kind in PROXIES if not kind.missing()}
        if Nginx in self.proxies:
            self._doors = {name: self._proxy(Nginx, name, [node.port] * 3) for name, node in self.nodes.items()}
        return self

    def _proxy(self, kind: type[Proxy], name: str, ports: list[int]) -> Proxy:
        return self._open.enter_context(kind(self._site.folder / name, Nodes(ports, Path(settings.STATIC_ROOT))))

    def ws_url(self, name: str, *, port: int = 0) -> str:
        return self._doors[name].socket_url

    async def __aexit__(self, *_: object) -> None:
        self._open.close()
        await super().__aexit__()

    def certificates(self) -> Path:
        """A file with what to trust."""
        file = self._site.folder / "certificates.pem"
        file.write_text(
            "".join(proxy.certificate.read_text() for proxy in [*self.proxies.values(), *self._doors.values()])
        )
        return file

    def proxy(self, kind: type[Proxy]) -> Proxy:
        """Skips the test where it is not installed."""
        if missing := kind.missing():
            pytest.skip(missing)
        return self.proxies[kind]

    def start_worker(self) -> None:
        """The service `assistant`."""
        words = [str(PROJECT / word) if word == "manage.py" else word for word in compose.command_of("assistant")]
        log = self._site.folder / "log" / "assistant.log"
        self.worker = Child(program(words), log=log, environment=self._site.of_service("assistant"))

    def _node(self, name: str, port: int) -> NodeProcess:
        service = name.replace("server_", "node")
        words = compose.command_of(service)
        for option, value in (("-b", HOST), ("-p", str(port))):
            words[words.index(option) + 1] = value
        log = self._log_directory / f"{name}.log"
        return NodeProcess(name, HOST, port, program(words), self._site.of_service(service), log, PROJECT)
