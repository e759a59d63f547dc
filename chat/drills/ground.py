"""The ground of each drill: a folder, a migrated database and a Redis of its own, all of which it may ruin."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chat.ops.redis_server import RedisServer
from chat.proof.site import Site

PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "of-a-drill-on-the-loopback-that-lives-for-some-minutes",
    "ALLOWED_HOSTS": "127.0.0.1,localhost",
    "DISTCHAT_HTTPS": "false",
    "DISTCHAT_TRUST_PROXY": "false",
    "DISTCHAT_FAILPOINT": "",
    "ASSISTANT_MODEL": "builtin",
}
"""As it runs for people, whatever the settings of this machine are."""


def migrated_file(folder: Path) -> Path:
    """An SQLite database with every table and nobody in it, to be copied."""
    file = folder / "template.sqlite3"
    with Site(folder, database_url=f"sqlite:///{file}", redis_url="", settings=PRODUCTION) as site:
        site.office.do("migrate")
    return file


@contextmanager
def open_ground(folder: Path, template: Path) -> Iterator[tuple[Site, RedisServer]]:
    """A new site in this folder, and its Redis; both end with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "site.sqlite3"
    shutil.copy(template, file)
    with (
        RedisServer(folder / "redis") as redis,
        Site(folder, database_url=f"sqlite:///{file}", redis_url=redis.url, settings=PRODUCTION) as site,
    ):
        yield site, redis
