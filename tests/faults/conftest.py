"""Every drill has nodes, a Redis and a database of its own to harm."""

from collections.abc import AsyncIterator

import pytest_asyncio

from chat.proof.cluster import Cluster
from tests.faults.traffic import Drill
from tests.integration.places import *  # noqa: F403 - fixtures
from tests.integration.site import Site


@pytest_asyncio.fixture
async def cluster(own_site: Site) -> AsyncIterator[Cluster]:
    """Three nodes that the drill may kill."""
    async with own_site.cluster(3) as nodes:
        yield nodes


@pytest_asyncio.fixture
async def drill(own_site: Site, cluster: Cluster) -> AsyncIterator[Drill]:
    """Everybody is there; at the end no node has logged a traceback."""
    drill = await Drill.begin(own_site, cluster)
    yield drill
    await drill.close()
    assert drill.violations == []
    assert "Traceback" not in own_site.log_text(cluster)
