"""One run of the drills from its beginning to its exit code."""

import asyncio
import shutil
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from chat.demo.ground import new_log_directory
from chat.demo.language import Language
from chat.demo.terminal import own_log, signals_that_end
from chat.drills.criterion import Criterion
from chat.drills.drill import Drill
from chat.drills.ground import migrated_file, open_ground
from chat.drills.outcome import Outcome
from chat.drills.playing import play
from chat.drills.report import Controlled, Report
from chat.drills.scale import FULL, SHORT
from chat.drills.telling import DrillStory
from chat.ops.problem import Problem
from chat.ops.redis_server import VAR

PASSED, FAILED, STOPPED = 0, 1, 2
"""Exit codes: everything passed, something failed, the drills could not begin; 128 + n after signal n."""

RUNS = VAR / "drills"
OWN_LOG = "run_drills.log"


@dataclass(frozen=True, slots=True)
class Options:
    """`drills` in the order in which they are played; `report` is where the report goes (None: nowhere)."""

    drills: Sequence[Drill]
    command: str
    language: Language = "en"
    is_full: bool = False
    report: Path | None = None


def run_drills(options: Options, output: IO[str]) -> int:
    """Play all of them, tell how it went, write the report, and return the exit code."""
    story = DrillStory(output, options.language)
    report = Report(FULL if options.is_full else SHORT, options.command)
    logs, began = new_log_directory(RUNS), time.monotonic()
    with signals_that_end() as caught, own_log(logs / OWN_LOG):
        try:
            story.begin(report, str(logs))
            _play_all(options, story, report, logs)
        except Problem as problem:
            story.bad("problem", what=problem.what, next_step=problem.next_step)
            return STOPPED
        except KeyboardInterrupt:
            story.gap()
            story.line("interrupted")
            return 128 + (caught[0] if caught else signal.SIGINT)
    story.sum_up(report, time.monotonic() - began, str(logs))
    return _write(options, story, report)


def _play_all(options: Options, story: DrillStory, report: Report, logs: Path) -> None:
    with story.waiting("preparing"):
        template = migrated_file(logs)
    for number, drill in enumerate(options.drills, start=1):
        story.open_drill(drill, number, len(options.drills))
        with story.waiting("running"):
            outcome = _play(drill, report, logs / drill.name, template)
        report.played.append((drill, outcome))
        story.close_drill(drill, outcome)
        if options.is_full and drill.control is not None:
            story.line("control", text=story.sentence(drill.control.text))
            with story.waiting("running"):
                report.controls.append(_control(drill, report, logs / f"{drill.name}_control", template))
            story.close_control(report.controls[-1])


def _play(drill: Drill, report: Report, folder: Path, template: Path) -> Outcome:
    with open_ground(folder, template) as (site, redis):
        outcome = asyncio.run(play(drill, site, redis, report.scale))
    if outcome.passed:
        shutil.rmtree(folder)
    return outcome


def _control(drill: Drill, report: Report, folder: Path, template: Path) -> Controlled:
    """In its short form: it only has to fail."""
    control = drill.control
    assert control is not None
    with open_ground(folder, template) as (site, redis):
        outcome = asyncio.run(play(drill, site, redis, SHORT, weakening=control.weakening))
    failed = [_name_of(what) for what in control.fails if outcome.fails(what)]
    shutil.rmtree(folder)
    return Controlled(drill.name, control.text, bool(failed), failed)


def _name_of(what: Criterion | str) -> str:
    return what.text if isinstance(what, Criterion) else f"rule {what} of the checker"


def _write(options: Options, story: DrillStory, report: Report) -> int:
    code = PASSED if report.passed else FAILED
    if options.report is None:
        return code
    try:
        story.line("report", page=report.write(options.report))
    except OSError as error:
        story.bad("problem", what=f"{options.report}: {error.strerror or error}.", next_step="another --report DIR")
        return code or STOPPED
    return code
