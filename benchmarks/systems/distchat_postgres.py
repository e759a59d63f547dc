"""distchat on PostgreSQL: a new database of a server with PostgreSQL's defaults, or one that is named."""

import subprocess
from typing import ClassVar, LiteralString

import psycopg

from benchmarks.processes import family
from benchmarks.systems.distchat import Distchat
from chat.ops.postgres_server import PostgresServer, postgres_programs

BLANK, RUN = "blank", "run"
OPTIONS = ("max_connections=200",)
"""Nothing else is changed: a commit waits for the disk, and survives the loss of power."""


class DistchatOnPostgres(Distchat):
    """`database` is the URL of one that is there already; EVERYTHING in it is deleted."""

    name = "distchat-postgres"
    title = "distchat on PostgreSQL"
    does = "the same on PostgreSQL with its defaults (fsync, synchronous_commit)"
    database: ClassVar[str | None] = None
    _postgres: ClassVar[PostgresServer | None] = None

    @classmethod
    def missing(cls) -> str:
        if cls.database or postgres_programs():
            return ""
        return "PostgreSQL's programs are not installed (apt install postgresql)"

    @classmethod
    def versions(cls) -> dict[str, str]:
        programs = postgres_programs()
        if cls.database or programs is None:
            return {}
        command = [programs / "postgres", "--version"]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout
        return {"postgresql": said.split()[2]}

    async def make_blank(self) -> None:
        if self.database is not None:
            self.environment["DATABASE_URL"] = self.database
            await self.ask_fill(None, self.database)
            return
        if DistchatOnPostgres._postgres is None:
            DistchatOnPostgres._postgres = PostgresServer(OPTIONS)
            DistchatOnPostgres._postgres.start()
            self._say(f"CREATE DATABASE {BLANK}")
            await self.ask_fill(None, self._url(BLANK))
        self._say(f"DROP DATABASE IF EXISTS {RUN} WITH (FORCE)")
        self._say(f"CREATE DATABASE {RUN} TEMPLATE {BLANK}")
        self.environment["DATABASE_URL"] = self._url(RUN)

    @classmethod
    def release(cls) -> None:
        postgres, DistchatOnPostgres._postgres = DistchatOnPostgres._postgres, None
        if postgres is not None:
            postgres.stop()

    def store_pids(self) -> list[int]:
        return family(self._postgres.pid) if self._postgres else []

    def _say(self, statement: LiteralString) -> None:
        assert self._postgres is not None
        with psycopg.connect(self._postgres.url, autocommit=True) as connection:
            connection.execute(statement)

    def _url(self, database: str) -> str:
        assert self._postgres is not None
        return self._postgres.url.removesuffix("postgres") + database
