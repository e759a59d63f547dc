"""Every drill has nodes, a Redis and a database of its own to harm."""

from collections.abc import Awaitable
from typing import Protocol

import pytest

from chat.drills.playing import play
from chat.drills.scale import SHORT
from chat.drills.table import drill_named
from chat.ops.redis_server import RedisServer
from chat.proof.site import Site
from tests.integration.places import *  # noqa: F403 - fixtures


class Rehearse(Protocol):
    """Plays the short form of a drill, which has to pass."""

    def __call__(self, name: str) -> Awaitable[None]: ...


@pytest.fixture
def rehearse(own_site: Site, own_redis: RedisServer, record_property) -> Rehearse:
    """Every measured value is kept with the report of the tests."""

    async def play_short(name: str) -> None:
        outcome = await play(drill_named(name), own_site, own_redis, SHORT)
        for row in outcome.rows:
            record_property(row.text, row.measured)
        assert [row for row in outcome.rows if not row.is_met] == []

    return play_short
