"""The real nginx and the real Caddy with the files of deploy/, moved to free ports of this machine."""

import os
import re
import shutil
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chat.ops.child import Child
from chat.ops.ports import free_port
from tests.deploy.certificate import make_certificate
from tests.deploy.compose import DEPLOY

START_SECONDS = 20
MISSING = "NOT TESTED BEHIND {0}: it is not installed (apt install {1})"


@dataclass(frozen=True, slots=True)
class Nodes:
    """What a proxy stands in front of: ports of nodes, and the folder of collected static files."""

    ports: Sequence[int]
    static: Path


class Proxy:
    """`with Nginx(folder, nodes) as proxy:`; it serves `https://localhost:<port>` and redirects from `http_port`."""

    program = ""
    package = ""

    def __init__(self, folder: Path, nodes: Nodes) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port, self.http_port = free_port(), free_port()
        self.certificate, self.key = make_certificate(folder)
        self._nodes = nodes

    @classmethod
    def missing(cls) -> str:
        """Why it cannot be tried here; empty where it can."""
        return "" if cls.where() else MISSING.format(cls.__name__.upper(), cls.package)

    @classmethod
    def where(cls) -> str | None:
        """The path of the program; Debian has nginx where not everybody looks."""
        return shutil.which(cls.program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"wss://localhost:{self.port}/ws/"

    @property
    def trust(self) -> ssl.SSLContext:
        """What a client needs to believe its certificate."""
        return ssl.create_default_context(cafile=self.certificate)

    @property
    def log(self) -> Path:
        """What it says itself."""
        return self.folder / "proxy.log"

    def configuration(self) -> str:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return dict(os.environ)

    def __enter__(self) -> Self:
        program = self.where()
        assert program
        self.file.write_text(self.configuration())
        self._child = Child([program, *self.command()], log=self.log, environment=self.environment())
        try:
            self._wait()
        except BaseException:
            self._child.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._child.stop()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._child.is_running(), self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.02)

    @property
    def file(self) -> Path:
        return self.folder / "configuration"

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return True
        except OSError:
            return False


class Nginx(Proxy):
    program, package = "nginx", "nginx"

    @property
    def access_log(self) -> Path:
        return self.folder / "access.log"

    def command(self) -> list[str]:
        return ["-c", str(self.file), "-e", str(self.log), "-g", "daemon off;"]

    def configuration(self) -> str:
        changes = [
            ("user www-data;", "user root;" if os.getuid() == 0 else ""),
            ("/run/nginx.pid", str(self.folder / "pid")),
            ("/var/log/nginx/error.log", str(self.log)),
            ("/var/log/nginx/access.log", str(self.access_log)),
            ("\nhttp {", f"\nhttp {{{self._temporary_folders()}"),
            ("listen 80;", f"listen 127.0.0.1:{self.http_port};"),
            ("listen 443 ", f"listen 127.0.0.1:{self.port} "),
            ("server_name chat.example.org;", "server_name localhost;"),
            ("/etc/distchat/tls/fullchain.pem", str(self.certificate)),
            ("/etc/distchat/tls/privkey.pem", str(self.key)),
            ("/opt/distchat/var/static/", f"{self._nodes.static}/"),
        ]
        text = re.sub(r"^ *listen \[::\].*\n", "", (DEPLOY / "nginx.conf").read_text(), flags=re.MULTILINE)
        for here, there in changes:
            assert here in text, here
            text = text.replace(here, there)
        return _with_upstreams(text, self._nodes.ports)

    def _temporary_folders(self) -> str:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        return "".join(f"\n    {kind}_temp_path {self.folder}/{kind};" for kind in kinds)


class Caddy(Proxy):
    program, package = "caddy", "caddy"

    def command(self) -> list[str]:
        return ["run", "--adapter", "caddyfile", "--config", str(self.file)]

    def configuration(self) -> str:
        text = (DEPLOY / "Caddyfile").read_text()
        changes = [
            ("\n{\n", f"\n{{\n\tadmin off\n\thttp_port {self.http_port}\n\thttps_port {self.port}\n"),
            ("chat.example.org} {\n", f"chat.example.org}} {{\n\ttls {self.certificate} {self.key}\n"),
        ]
        for here, there in changes:
            assert text.count(here) == 1, here
            text = text.replace(here, there)
        return text

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            "DISTCHAT_DOMAIN": "localhost",
            "DISTCHAT_NODES": " ".join(f"127.0.0.1:{port}" for port in self._nodes.ports),
            "DISTCHAT_STATIC_PARENT": str(self._nodes.static.parent),
        }


def _with_upstreams(text: str, ports: Sequence[int]) -> str:
    """Each of the nodes on its own port."""
    for number, port in enumerate(ports, start=1):
        assert text.count(f"server 127.0.0.1:900{number} ") == 2
        text = text.replace(f"server 127.0.0.1:900{number} ", f"server 127.0.0.1:{port} ")
    return text


PROXIES: tuple[type[Proxy], ...] = (Nginx, Caddy)
