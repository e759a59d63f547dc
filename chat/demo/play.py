"""Plays the scenarios one after the other and tells how each of them went."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

from redis.exceptions import RedisError

from chat.demo import state
from chat.demo.keeping import let_watch
from chat.demo.options import Options
from chat.demo.result import Result
from chat.demo.scenarios import assistant, consistency, devices, failover, latency, load, recovery
from chat.demo.stage import Stage, open_stage
from chat.demo.story import Story
from chat.demo.trouble import Trouble
from chat.demo.verdict import Verdict
from chat.presence.board import BoardUnavailable
from chat.proof.login import LoginFailed
from chat.proof.outbox import Refused
from chat.proof.process import StartFailed
from chat.wire.errors import ChatError

Scenario = Callable[[Stage], Awaitable[Verdict]]

SCENARIOS: dict[str, Scenario] = {
    "consistency": consistency.run,
    "recovery": recovery.run,
    "devices": devices.run,
    "load": load.run,
    "failover": failover.run,
    "latency": latency.run,
    "assistant": assistant.run,
}
LAST: tuple[str, Scenario] = ("state", state.run)

BREAKS = (OSError, TimeoutError, Refused, ChatError, StartFailed, RedisError, BoardUnavailable, ExceptionGroup)
"""What a faulty system does to a scenario; anything else is a fault of the demo and comes with its traceback."""

SCENARIO_SECONDS = 120.0
"""Far more than any scenario takes: a system that answers nothing must not keep a person waiting for ever."""

USER = "fixed_user_{number}"
CLIENT = "client_{number}"


async def play(exits: AsyncExitStack, options: Options, story: Story, result: Result, redis_url: str) -> Stage:
    """Set the stage, play everything that was asked for, and look at the final state. Raises Trouble."""
    stage = await _set_stage(exits, options, story, redis_url, Path(result.logs))
    result.nodes = {node: f"http://{stage.place(node)}/" for node in stage.nodes}
    await _bring_clients(stage)
    if options.keep:
        await let_watch(stage)
    for name in options.scenarios:
        story.heading(f"{name}_heading")
        story.line("scene", text=story.text(f"{name}_scene"))
        story.line("expected", text=story.text(f"{name}_expected"))
        story.gap()
        result.verdicts.append(await _judged(stage, name, SCENARIOS[name]))
    story.heading("done_heading")
    result.verdicts.append(await _judged(stage, *LAST))
    return stage


async def _set_stage(exits: AsyncExitStack, options: Options, story: Story, redis_url: str, logs: Path) -> Stage:
    story.gap()
    story.line("starting_nodes", count=options.nodes)
    try:
        with story.waiting("nodes_come_up"):
            stage = await open_stage(exits, options, story, redis_url, logs)
    except StartFailed as failure:
        raise Trouble("node_died", error=_first_line(failure), log=_log_named_in(failure, logs)) from failure
    for node in stage.nodes:
        story.line("node_started", indent=1, node=node, place=stage.place(node))
    story.good("nodes_started")
    return stage


async def _bring_clients(stage: Stage) -> None:
    """The clients of the story, one after the other, as people would come."""
    story, count = stage.story, stage.options.clients
    story.gap()
    story.line("starting_clients", count=count)
    names = [USER.format(number=number) for number in range(1, count + 1)]
    ids = await stage.enlist(names)
    try:
        for number, username in enumerate(names):
            with story.waiting("clients_log_in"):
                client = await _bring(stage, number, username, ids[username])
            story.line("client_connected", indent=1, client=client, place=stage.place(stage.node_for(number)))
    except (LoginFailed, OSError, Refused, ChatError) as failure:
        raise Trouble("no_login", error=_first_line(failure), log=stage.logs) from failure
    story.good("clients_started")


async def _bring(stage: Stage, number: int, username: str, user_id: int) -> str:
    name = CLIENT.format(number=number + 1)
    stage.clients.append(await stage.enter(name, username, user_id, stage.node_for(number), stage.history))
    return name


async def _judged(stage: Stage, name: str, scenario: Scenario) -> Verdict:
    story, began = stage.story, time.monotonic()
    try:
        async with asyncio.timeout(SCENARIO_SECONDS):
            verdict = await scenario(stage)
    except BREAKS as failure:
        verdict = Verdict(name)
        verdict.blame("broke", error=_described(failure))
    verdict.seconds = time.monotonic() - began
    if verdict.passed:
        story.good(f"{name}_passed")
        return verdict
    story.bad(f"{name}_failed")
    for finding in verdict.findings:
        story.say(finding.text(story.language), indent=1, style="red")
    story.line("failed_logs", indent=1, logs=stage.logs)
    return verdict


def _described(failure: BaseException) -> str:
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return f"{type(failure).__name__}: {_first_line(failure)}".rstrip(": ")


def _first_line(failure: BaseException) -> str:
    return str(failure).split("\n")[0].split(". The end of")[0].rstrip(".")


def _log_named_in(failure: StartFailed, logs: Path) -> Path:
    """The log of the node that failed."""
    return logs / f"{str(failure).split(' ')[0]}.log"
