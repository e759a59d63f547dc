"""`python -m benchmarks.admin`: fills a database, starts one node on it, and opens every page of the admin."""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.admin.measuring import Figure

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "distchat_site.settings",
    "DEBUG": "false",
    "SECRET_KEY": "of-a-benchmark-on-the-loopback-that-lives-for-a-minute",
    "ALLOWED_HOSTS": "127.0.0.1",
    "DISTCHAT_HTTPS": "false",
    "LOG_LEVEL": "ERROR",
}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def measure(directory: Path, options: argparse.Namespace) -> "list[Figure]":
    """Django has to be set up for the database that was asked for before anything of it is imported."""
    from benchmarks.admin.fill import Size, fill
    from benchmarks.admin.measuring import visiting
    from benchmarks.admin.pages import pages
    from chat.ops.redis_server import RedisServer
    from chat.proof.cluster import Cluster

    def prepared() -> None:
        from django.core.management import call_command

        from accounts.models import User

        call_command("migrate", verbosity=0, interactive=False)
        if not User.objects.filter(username="person0").exists():
            began = time.perf_counter()
            fill(Size(options.messages, options.users, options.conversations))
            say(f"filled in {time.perf_counter() - began:.0f} s")

    def visited(base: str) -> "list[Figure]":
        with visiting(base) as visitor:
            return [visitor.visit(page, options.repeats) for page in pages() if options.only in page.path]

    await asyncio.to_thread(prepared)
    with RedisServer(directory / "redis") as redis:
        environment = {**ENVIRONMENT, "REDIS_URL": redis.url, "DATABASE_URL": os.environ["DATABASE_URL"]}
        async with Cluster(1, environment=environment, log_directory=directory) as cluster:
            return await asyncio.to_thread(visited, cluster.http_url("server_1"))


def main() -> int:
    """0 when every page took no longer than the budget, by the median of its visits."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.admin", description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000, help="default: %(default)s")
    parser.add_argument("--users", type=int, default=10_000, help="default: %(default)s")
    parser.add_argument("--conversations", type=int, default=10_000, help="default: %(default)s")
    parser.add_argument("--repeats", type=int, default=5, help="visits of each page; default: %(default)s")
    parser.add_argument("--only", default="", help="a part of the addresses of pages, such as chat/message")
    parser.add_argument(
        "--database", help="an empty one, or one that this command has filled; default: a new SQLite file"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="distchat-benchmark-") as name:
        directory = Path(name)
        database = options.database or f"sqlite:///{directory / 'admin.sqlite3'}"
        os.environ.update(ENVIRONMENT, DATABASE_URL=database, REDIS_URL="")

        import django

        django.setup()
        figures = asyncio.run(measure(directory, options))

        from benchmarks.admin.measuring import BUDGET_MS, as_table

    print(as_table(figures))
    slow = sorted((each for each in figures if each.median_ms > BUDGET_MS), key=lambda each: -each.median_ms)
    for each in slow:
        print(f"over {BUDGET_MS:.0f} ms: {each.median_ms:.0f} ms {each.page.path}")
    print(f"{len(figures)} pages, {len(slow)} of them over {BUDGET_MS:.0f} ms.")
    return 1 if slow else 0


sys.exit(main())
