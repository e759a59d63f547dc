"""One run of the demo from its beginning to its exit code."""

import asyncio
import signal
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import IO

from django.db import connection

from chat.demo import ground
from chat.demo.keeping import keep
from chat.demo.options import Options
from chat.demo.play import play
from chat.demo.result import Result, failed, write
from chat.demo.story import BAD, GOOD, Story
from chat.demo.terminal import own_log, signals_that_end
from chat.demo.trouble import Trouble
from chat.ops.problem import Problem

PASSED, FAILED, STOPPED = 0, 1, 2
"""Exit codes: everything passed, something failed, the demo could not begin; 128 + n after signal n."""

OWN_LOG = "run_demo.log"
"""Beside the logs of the nodes: what the libraries of this process have to say would disturb the story."""

SUMMED_UP_AS = "{name}_summary"


def run_demo(options: Options, output: IO[str] = sys.stdout) -> int:
    """Tell the story on `output`, write the JSON file when asked to, and return the exit code."""
    story, result = Story(output, options.language, is_simple=options.is_simple), Result(options)
    began = time.monotonic()
    with signals_that_end() as caught:
        try:
            _run(options, story, result)
            code = PASSED if result.passed else FAILED
        except (Trouble, Problem) as trouble:
            code = _explain(story, result, trouble)
        except KeyboardInterrupt:
            story.gap()
            story.line("interrupted")
            code = 128 + (caught[0] if caught else signal.SIGINT)
    result.seconds = result.seconds or time.monotonic() - began
    return _write_json(options, story, result, code)


def _run(options: Options, story: Story, result: Result) -> None:
    story.heading("title")
    if options.is_simple:
        for number in range(1, 5):
            story.line(f"limits_{number}")
    story.gap()
    with ground.only_demo(options):
        ground.check_ports(options)
        ground.prepare_database(story)
        result.database = connection.vendor
        with ground.redis_for(options, story) as redis_url:
            story.line("seed", seed=options.seed)
            result.logs = str(ground.new_log_directory())
            with own_log(Path(result.logs) / OWN_LOG):
                asyncio.run(_perform(options, story, result, redis_url))
    if options.keep:
        story.line("ended")


async def _perform(options: Options, story: Story, result: Result, redis_url: str) -> None:
    began = time.monotonic()
    async with AsyncExitStack() as exits:
        stage = await play(exits, options, story, result, redis_url)
        result.seconds = time.monotonic() - began
        _sum_up(story, result)
        if options.keep:
            await keep(stage)
        exits.enter_context(story.waiting("ending"))


def _sum_up(story: Story, result: Result) -> None:
    story.gap()
    story.line("summary")
    for number, verdict in enumerate(result.verdicts, start=1):
        story.line(
            "summary_line",
            number=number,
            mark=GOOD if verdict.passed else BAD,
            verdict="PASS" if verdict.passed else "FAIL",
            text=story.text(SUMMED_UP_AS.format(name=verdict.scenario)),
            seconds=verdict.seconds,
            style="green" if verdict.passed else "bold red",
        )
    story.gap()
    if result.passed:
        story.good("all_passed", seconds=result.seconds)
    else:
        count, total = len(failed(result.verdicts)), len(result.verdicts)
        story.bad("some_failed", count=count, total=total, logs=result.logs)


def _explain(story: Story, result: Result, trouble: Trouble | Problem) -> int:
    """One sentence with the next step, no traceback."""
    if isinstance(trouble, Trouble):
        what, next_step = trouble.parts(story.language)
        result.error = trouble.parts("en")
    else:
        what, next_step = result.error = (trouble.what, trouble.next_step)
    story.bad("problem", what=what, next_step=next_step)
    return STOPPED


def _write_json(options: Options, story: Story, result: Result, code: int) -> int:
    if options.json_path is None:
        return code
    try:
        write(result, options.json_path)
    except Trouble as trouble:
        return code or _explain(story, result, trouble)
    story.line("json_written", path=options.json_path)
    return code
