"""Three nodes for all tests that harm nothing, and a stage for each test."""

from collections.abc import AsyncIterator

import pytest_asyncio

from chat.proof.cluster import Cluster
from chat.proof.site import Site
from chat.proof.stage import Stage
from tests.integration.places import *  # noqa: F403 - fixtures


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cluster(site: Site) -> AsyncIterator[Cluster]:
    """server_1, server_2 and server_3."""
    async with site.cluster(3) as nodes:
        yield nodes


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def each_cluster(each_site: Site) -> AsyncIterator[Cluster]:
    """Two nodes on each database."""
    async with each_site.cluster(2) as nodes:
        yield nodes


async def _play(site: Site, cluster: Cluster) -> AsyncIterator[Stage]:
    before = len(site.log_text(cluster))
    stage = Stage(site, cluster)
    try:
        yield stage
    finally:
        await stage.close()
    assert stage.violations == []
    assert "Traceback" not in site.log_text(cluster)[before:]


@pytest_asyncio.fixture(loop_scope="session")
async def stage(site: Site, cluster: Cluster) -> AsyncIterator[Stage]:
    """At its end no device has anything to complain of, and no node has logged a traceback."""
    async for stage in _play(site, cluster):
        yield stage


@pytest_asyncio.fixture(loop_scope="session")
async def each_stage(each_site: Site, each_cluster: Cluster) -> AsyncIterator[Stage]:
    """The same on each database."""
    async for stage in _play(each_site, each_cluster):
        yield stage
