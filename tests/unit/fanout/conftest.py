"""A Redis that can be hurt, a network between it and us that can be cut, and layers that are closed afterwards."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from channels_redis.pubsub import RedisPubSubChannelLayer

from chat.fanout.layer import HardenedPubSubLayer
from chat.ops.redis_server import RedisServer
from tests.unit.fanout.network import QUICK, Network

LayerMaker = Callable[..., HardenedPubSubLayer]


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """One for each test, since most of them kill or freeze it."""
    with RedisServer(tmp_path / "redis") as server:
        yield server


@pytest.fixture
async def network(redis_server: RedisServer) -> AsyncIterator[Network]:
    network = Network(redis_server.port)
    await network.start()
    yield network
    await network.stop()


@pytest.fixture
async def make_layer(redis_server: RedisServer) -> AsyncIterator[LayerMaker]:
    made: list[HardenedPubSubLayer] = []

    def make(port: int | None = None, **kwargs: Any) -> HardenedPubSubLayer:
        hosts = [("127.0.0.1", port or redis_server.port)]
        made.append(HardenedPubSubLayer(**{"hosts": hosts, "prefix": "test", "timing": QUICK, **kwargs}))
        return made[-1]

    yield make
    for layer in made:
        await layer.flush()


@pytest.fixture
async def make_stock_layer(redis_server: RedisServer) -> AsyncIterator[Callable[[int], RedisPubSubChannelLayer]]:
    """The layer that ours replaces: what it does wrong shows that a test can fail."""
    made: list[RedisPubSubChannelLayer] = []

    def make(port: int) -> RedisPubSubChannelLayer:
        host = {"host": "127.0.0.1", "port": port, "socket_timeout": 0.5, "socket_connect_timeout": 0.5}
        made.append(RedisPubSubChannelLayer(hosts=[host], prefix="test"))
        return made[-1]

    yield make
    for layer in made:
        await layer.flush()
