"""A site that nodes can be started on: its database, its Redis, and an office that knows its people."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self

import orjson

from chat.ops.static_files import COLLECTED, collect
from chat.proof.cluster import APPLICATION, PROJECT, Cluster

PASSWORD = "the password of everybody here"  # noqa: S105 - of people in a database that lives for one run
ROOMY = {
    "DISTCHAT_POSTS_PER_10S": "5000",
    "DISTCHAT_COMMANDS_PER_10S": "50000",
    "DISTCHAT_LOGINS_PER_MINUTE": "10000",
}
"""Limits that no test meets by accident."""


@dataclass(frozen=True, slots=True)
class Person:
    """A user, logged in once."""

    username: str
    id: int
    cookies: str


class Office:
    """Works in the site's database through a process of its own: this one's Django is set up for another database."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chat.proof.office"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                cwd=PROJECT,
                env=environment,
            )

    def do(self, job: str, *arguments: Any) -> Any:
        """Have one of the functions of `office_work` called; raises RuntimeError with its traceback."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps([job, arguments]) + b"\n")
        self._process.stdin.flush()
        answer = orjson.loads(self._process.stdout.readline())
        if "failure" in answer:
            raise RuntimeError(answer["failure"])
        return answer["result"]

    def close(self) -> None:
        self._process.communicate(timeout=10)


@cache
def collected() -> bool:
    """Once for all tests: pages get the files that people get."""
    return collect()


class Site:
    """`with Site(folder, database_url=…, redis_url=…) as site:`; `site.cluster(3)` makes nodes for it.

    `settings` is added to the environment of everything that works for the site.
    """

    def __init__(
        self, folder: Path, *, database_url: str, redis_url: str, settings: Mapping[str, str] | None = None
    ) -> None:
        self.folder = folder
        self.settings = dict(settings or {})
        self.database_url = database_url
        self.redis_url = redis_url
        self._names = 0

    @property
    def environment(self) -> dict[str, str]:
        return {
            **ROOMY,
            "DJANGO_SETTINGS_MODULE": "distchat_site.settings",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            **self.settings,
        }

    @property
    def whole_environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def __enter__(self) -> Self:
        self.office = Office(self.whole_environment, self.folder / "office.log")
        return self

    def __exit__(self, *_: object) -> None:
        self.office.close()

    def cluster(
        self,
        nodes: int = 3,
        *,
        each: dict[str, dict[str, str]] | None = None,
        application: str = APPLICATION,
        **environment: str,
    ) -> Cluster:
        """Nodes that are not started yet; `each` maps node names to what only they have in their environment."""
        return Cluster(
            nodes,
            environment={**self.environment, COLLECTED: str(collected()), **environment},
            node_environment=each,
            log_directory=self.folder / "log",
            application=application,
        )

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of `manage.py` as an operator of this site would."""
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=PROJECT,
            env=self.whole_environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def people(self, *names: str) -> list[Person]:
        """Users who did not exist before, so that tests share a site without meeting."""
        self._names += 1
        usernames = [f"{name}{self._names}" for name in names]
        found = self.office.do("enlist", usernames)
        return [Person(name, found[name]["id"], found[name]["cookies"]) for name in usernames]

    def log_sizes(self) -> dict[Path, int]:
        """How much each node has logged so far, for `log_since`."""
        return {file: file.stat().st_size for file in (self.folder / "log").glob("*.log")}

    def log_since(self, sizes: Mapping[Path, int]) -> str:
        """What nodes have logged since then."""
        logs = sorted((self.folder / "log").glob("*.log"))
        return "\n".join(file.read_bytes()[sizes.get(file, 0) :].decode(errors="replace") for file in logs)

    def log_text(self, nodes: Cluster) -> str:
        """What all nodes have logged so far."""
        return "\n".join(node.log.read_text(errors="replace") for node in nodes.nodes.values() if node.log.exists())
