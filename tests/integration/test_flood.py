"""The limits that everybody has: what is over is refused, and who goes on regardless is put out."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chat.proof.device import Refused
from chat.proof.site import ROOMY, Site
from chat.proof.stage import Stage

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def strict_stage(site: Site) -> AsyncIterator[Stage]:
    """One node with the default limits."""
    usual = {"DISTCHAT_POSTS_PER_10S": "50", "DISTCHAT_COMMANDS_PER_10S": "500"}
    assert usual.keys() < ROOMY.keys()
    folder, site.folder = site.folder, site.folder / "strict"
    nodes = site.cluster(1, **usual)
    site.folder = folder
    async with nodes:
        stage = Stage(site, nodes)
        yield stage
        await stage.close()


async def test_posts_beyond_the_limit_are_refused_and_say_when_to_come_again(strict_stage: Stage):
    stage = strict_stage
    ann, bob = stage.people("ann", "bob")
    group = stage.group(ann, bob)
    device = await stage.arrive(ann, is_patient=False)
    assert device.welcome["limits"]["posts_per_10s"] == 50

    results = await asyncio.gather(*(device.post(group, f"{i}") for i in range(80)), return_exceptions=True)

    refused = [each for each in results if isinstance(each, Refused)]
    assert len(results) - len(refused) in range(50, 56)  # some tokens come back meanwhile
    assert {each.code for each in refused} == {"rate_limited"}
    assert all(0 < (each.retry_after_ms or 0) <= 10_000 for each in refused)
    assert device.is_connected
    head = stage.site.office.do("heads", [group])[str(group)]
    assert head == 1 + len(results) - len(refused)
