"""Every drill has nodes, a Redis and a database of its own to harm."""

from collections.abc import Awaitable, Callable

import pytest

from chat.drills.playing import play
from chat.drills.scale import SHORT
from chat.drills.table import drill_named
from chat.ops.redis_server import RedisServer
from chat.proof.site import Site
from tests.integration.places import *  # noqa: F403 - fixtures

Rehearse = Callable[[str], Awaitable[None]]


@pytest.fixture
def rehearse(own_site: Site, own_redis: RedisServer, record_property) -> Rehearse:
    """Plays the short form of a drill, which has to pass."""

    async def play_short(name: str) -> None:
        outcome = await play(drill_named(name), own_site, own_redis, SHORT)
        for row in outcome.rows:
            record_property(row.text, row.measured)
        assert outcome.failures == []

    return play_short
