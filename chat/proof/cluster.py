"""Several real nodes on this machine: Daphne processes that can be killed, stopped, frozen and started again."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from chat.ops.ports import free_port, is_free
from chat.proof.process import Exit, NodeProcess, StartFailed

__all__ = ["Cluster", "Exit", "NodeProcess", "StartFailed"]

PROJECT = Path(__file__).resolve().parent.parent.parent
APPLICATION = "distchat_site.asgi:application"
START_SECONDS = 45.0
HOST = "127.0.0.1"

DAPHNE_OPTIONS = (
    *("--ping-interval", "15"),
    *("--ping-timeout", "20"),
    *("--websocket-max-message-size", "262144"),
    *("--websocket-max-frame-size", "262144"),
    *("--application-close-timeout", "5"),
    *("--websocket_timeout", "43200"),
    *("--http-timeout", "30"),
    "--no-server-name",
)


class Cluster:
    """Nodes server_1, server_2 … of one application; `async with Cluster(3, environment={…}) as cluster:`.

    `base_port=None` takes free ports. `environment` (REDIS_URL, DATABASE_URL …) is added to this process's own, and
    `node_environment` (by node name) to that. Nothing survives the process that started it. Raises StartFailed.
    """

    def __init__(
        self,
        nodes: int = 3,
        *,
        base_port: int | None = None,
        environment: Mapping[str, str] | None = None,
        node_environment: Mapping[str, Mapping[str, str]] | None = None,
        log_directory: Path | None = None,
        directory: Path = PROJECT,
        application: str = APPLICATION,
        start_seconds: float = START_SECONDS,
    ) -> None:
        self.names = [f"server_{number}" for number in range(1, nodes + 1)]
        self.start_seconds = start_seconds
        self.base_port = base_port
        self._environment = dict(environment or {})
        self._node_environment = dict(node_environment or {})
        self._log_directory = log_directory or directory / "var" / "log"
        self._directory = directory
        self._application = application
        self.nodes: dict[str, NodeProcess] = {}

    async def start(self) -> None:
        """Start all nodes and wait until each is ready; when one fails, none is left running."""
        ports = _free_ports(len(self.names)) if self.base_port is None else _checked(self.base_port, len(self.names))
        self.nodes = {name: self._node(name, port) for name, port in zip(self.names, ports, strict=True)}
        try:
            for node in self.nodes.values():
                await node.launch()
            for node in self.nodes.values():
                await node.wait_until_ready(self.start_seconds)
        except BaseException:
            await self.kill_all()
            raise

    async def stop(self) -> dict[str, Exit]:
        """SIGTERM to all at once; what does not end in time is killed. Returns how each of the running ones ended."""
        running = [name for name, node in self.nodes.items() if node.is_running]
        for name in running:
            self.thaw(name)
        ends = await asyncio.gather(*(self.terminate(name) for name in running))
        return dict(zip(running, ends, strict=True))

    async def kill_all(self) -> None:
        """SIGKILL to every node that runs."""
        await asyncio.gather(*(node.kill() for node in self.nodes.values() if node.is_running))

    async def __aenter__(self) -> "Cluster":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self.stop()
        finally:
            await self.kill_all()

    # One node

    async def kill(self, name: str) -> None:
        """`kill -9`."""
        await self.nodes[name].kill()

    async def terminate(self, name: str, *, timeout_seconds: float = 15.0) -> Exit:
        """SIGTERM; waits for the end and says how it went."""
        return await self.nodes[name].terminate(timeout_seconds)

    def freeze(self, name: str) -> None:
        """SIGSTOP: the process is there and does nothing."""
        self.nodes[name].freeze()

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        self.nodes[name].thaw()

    async def restart(self, name: str, *, environment: Mapping[str, str] | None = None) -> None:
        """Start a node that has ended (or end it first) on its old port; `environment` replaces its own additions."""
        node = self.nodes[name]
        if node.is_running:
            await node.terminate()
        if environment is not None:
            self._node_environment[name] = dict(environment)
            node = self.nodes[name] = self._node(name, node.port)
        await node.launch()
        await node.wait_until_ready(self.start_seconds)

    # Where they are

    @property
    def urls(self) -> list[str]:
        """The WebSocket address of every node."""
        return [self.ws_url(name) for name in self.names]

    def ws_url(self, name: str, *, port: int = 0) -> str:
        """Where devices connect; `port` puts a proxy in between."""
        return f"ws://{HOST}:{port or self.nodes[name].port}/ws/"

    def http_url(self, name: str) -> str:
        """Where browsers go, without a slash at the end."""
        return f"http://{HOST}:{self.nodes[name].port}"

    def _node(self, name: str, port: int) -> NodeProcess:
        command = [sys.executable, "-m", "daphne", "-b", HOST, "-p", str(port), *DAPHNE_OPTIONS, self._application]
        environment = {
            **os.environ,
            **self._environment,
            "PYTHONUNBUFFERED": "1",
            "DISTCHAT_NODE": name,
            **self._node_environment.get(name, {}),
        }
        log = self._log_directory / f"{name}.log"
        return NodeProcess(name, HOST, port, command, environment, log, self._directory)


def _free_ports(count: int) -> list[int]:
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)


def _checked(base_port: int, count: int) -> Sequence[int]:
    ports = range(base_port, base_port + count)
    taken = [str(port) for port in ports if not is_free(port)]
    if taken:
        plural = "Ports" if len(taken) > 1 else "Port"
        raise StartFailed(
            f"{plural} {', '.join(taken)} of {HOST} already in use: stop what listens there, or use --base-port auto."
        )
    return ports
