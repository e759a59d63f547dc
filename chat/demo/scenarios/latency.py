"""Scenario C: a bad network between clients and a node, and between another node and Redis."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

from chat.demo.scenarios.traffic import Crowd, crowd
from chat.demo.stage import Stage
from chat.demo.verdict import Verdict
from chat.proof.checker import catch_up_seconds
from chat.proof.cluster import HOST
from chat.proof.proxy import Proxy

CLIENTS = 9
PAUSE_SECONDS = 0.4
DELAY_SECONDS, JITTER_SECONDS = 0.2, 0.1
TROUBLE_SECONDS = 2.0
SPELL_SECONDS = 2.0
RECOVER_SECONDS = 5.0
"""What was acknowledged before a fault was over is everywhere this soon after it."""

REDIS_PORT = 6379


async def run(stage: Stage) -> Verdict:
    """Delay, freezes and cuts; nothing is lost, only later."""
    story, verdict = stage.story, Verdict("latency")
    far, apart = stage.nodes[0], stage.nodes[1]
    await stage.hold_on()
    async with (
        Proxy(HOST, stage.cluster.nodes[far].port, seed=stage.options.seed) as line,
        Proxy(*_address(stage.redis_url), seed=stage.options.seed) as redis,
        _redis_by_way_of(stage, apart, redis),
        crowd(stage, verdict, CLIENTS, addresses={far: [stage.cluster.ws_url(far, port=line.port)]}) as company,
    ):
        story.line("latency_places", far=far, apart=apart)
        company.begin(pause_seconds=PAUSE_SECONDS)
        healed = await _bad_weather(stage, company, line, redis)
        await company.finish()
        delivery = await company.judge()
        seconds = max(catch_up_seconds(company.room.history, at) for at in healed)
        company.tell(delivery, recovered_seconds=seconds)
        story.line("latency_seconds", indent=1, seconds=f"{seconds:.2f}")
    return verdict


@asynccontextmanager
async def _redis_by_way_of(stage: Stage, node: str, proxy: Proxy) -> AsyncIterator[None]:
    """While the block runs, the node speaks with Redis through the proxy."""
    with stage.story.waiting("node_restarts", node=node):
        await stage.cluster.restart(node, environment={"REDIS_URL": _through(proxy, stage.redis_url)})
    try:
        yield
    finally:
        task = asyncio.current_task()
        if task is not None and not task.cancelling():
            with stage.story.waiting("node_restarts", node=node):
                await stage.cluster.restart(node, environment={})


async def _bad_weather(stage: Stage, company: Crowd, line: Proxy, redis: Proxy) -> list[float]:
    """One kind of trouble after the other; returns when each was over (the history's clock)."""
    healed = []
    for name, trouble in TROUBLES.items():
        stage.story.line(f"weather_{name}", indent=1, seconds=TROUBLE_SECONDS, ms=round(DELAY_SECONDS * 1000))
        with stage.story.waiting("messages_flow", company.progress):
            trouble(line, redis)
            await asyncio.sleep(TROUBLE_SECONDS)
            line.heal()
            redis.heal()
            healed.append(company.room.history.clock())
            company.room.history.healed(name, limit_seconds=RECOVER_SECONDS)
            await asyncio.sleep(SPELL_SECONDS)
    return healed


def _delay(line: Proxy, redis: Proxy) -> None:
    for proxy in (line, redis):
        proxy.delay(DELAY_SECONDS, jitter=JITTER_SECONDS)


def _freeze(line: Proxy, redis: Proxy) -> None:
    line.freeze()
    redis.freeze()


def _cut(line: Proxy, redis: Proxy) -> None:
    """Clients may come back at once; Redis stays away for the whole time."""
    line.cut()
    redis.refuse()


TROUBLES: dict[str, Callable[[Proxy, Proxy], None]] = {"delay": _delay, "freeze": _freeze, "cut": _cut}


def _address(redis_url: str) -> tuple[str, int]:
    """The first Redis, which keeps sessions and presence too."""
    parts = urlsplit(redis_url.split(",")[0])
    return parts.hostname or HOST, parts.port or REDIS_PORT


def _through(proxy: Proxy, redis_url: str) -> str:
    """The same list of addresses, the first one by way of the proxy."""
    first, *others = redis_url.split(",")
    parts = urlsplit(first)
    login, at, _ = parts.netloc.rpartition("@")
    return ",".join([urlunsplit(parts._replace(netloc=f"{login}{at}{proxy.host}:{proxy.port}")), *others])
