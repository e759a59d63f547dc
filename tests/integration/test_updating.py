"""A node that was started before its database was migrated says so, and works as soon as it is."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.proof.site import Site
from chat.proof.stage import Stage, eventually
from tests.integration.places import new_postgres_database

READY_SECONDS = 40


@pytest.fixture(params=["sqlite", "postgres"])
def bare_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """Without a table."""
    url = f"sqlite:///{tmp_path / 'bare.sqlite3'}"
    if request.param == "postgres":
        url = new_postgres_database(request.getfixturevalue("postgres_url"))
    with Site(tmp_path, database_url=url, redis_url="") as site:
        yield site


async def test_a_node_waits_for_its_migrations(bare_site: Site):
    cluster = bare_site.cluster(1)
    starting = asyncio.create_task(cluster.start())
    try:
        await eventually(lambda: cluster.nodes and cluster.nodes["server_1"].is_running, seconds=READY_SECONDS)
        report: dict[str, object] = {}
        async with asyncio.timeout(READY_SECONDS):
            while not report or report["reasons"] == ["the node is starting"]:
                report = await cluster.nodes["server_1"].report("/readyz")
                await asyncio.sleep(0.1)
        assert (report["ready"], report["reasons"]) == (False, ["migrations are not applied: run `manage.py migrate`"])

        bare_site.office.do("migrate")
        await starting
        stage = Stage(bare_site, cluster)
        ann, bob = stage.people("ann", "bob")
        group = stage.group(ann, bob)
        device = await stage.arrive(ann)
        assert (await device.post(group, "hello"))["seq"] == 2
        await eventually(lambda: _has_assistant(bare_site))
        await stage.close()
    finally:
        starting.cancel()
        await cluster.stop()


def _has_assistant(site: Site) -> bool:
    done = site.manage(
        "shell", "-v0", "-c", "from accounts.models import User; print(User.objects.filter(is_program=True).count())"
    )
    return done.stdout.strip() == "1"
