"""Guesses that are spread over the nodes are counted together, and one by one where Redis is away."""

from chat.ops.redis_server import RedisServer
from chat.proof.login import LoginFailed, log_in
from chat.proof.site import PASSWORD, Site

ALLOWED_FAILURES = 5


async def gets_in(url: str, name: str, password: str) -> bool:
    try:
        await log_in(url, name, password)
    except LoginFailed:
        return False
    return True


async def test_a_guess_on_one_node_counts_on_all(own_site: Site):
    async with own_site.cluster(3) as nodes:
        ann, bob = own_site.people("ann", "bob")
        urls = [nodes.http_url(name) for name in nodes.names]
        guesses = [await gets_in(urls[i % 3], ann.username, f"guess {i}") for i in range(ALLOWED_FAILURES)]
        with_the_password = [await gets_in(url, ann.username, PASSWORD) for url in urls]

        assert (guesses, with_the_password) == ([False] * ALLOWED_FAILURES, [False] * 3)
        assert await gets_in(urls[0], bob.username, PASSWORD)


async def test_without_redis_each_node_counts_for_itself(own_site: Site, own_redis: RedisServer):
    async with own_site.cluster(2) as nodes:
        (ann,) = own_site.people("ann")
        urls = [nodes.http_url(name) for name in nodes.names]
        own_redis.kill()
        for i in range(ALLOWED_FAILURES):
            assert not await gets_in(urls[0], ann.username, f"guess {i}")

        assert [await gets_in(url, ann.username, PASSWORD) for url in urls] == [False, True]
