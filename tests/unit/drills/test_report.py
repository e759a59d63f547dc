"""What a run writes down: nothing that failed may look as if it had passed."""

import asyncio
from pathlib import Path

import orjson
import pytest

from chat.drills.criterion import at_most
from chat.drills.drill import Control, Drill
from chat.drills.outcome import Outcome
from chat.drills.report import Controlled, Report
from chat.drills.scale import FULL
from chat.drills.scene import faults_in
from chat.drills.timeline import Step, Timeline
from chat.proof.evidence import Violation

SOON = at_most("it comes", 5.0, "s")


async def nothing(_: object) -> None:
    await asyncio.sleep(0)


DRILL = Drill("a_drill", "a thing is broken", (SOON,), nothing, Control("no_sweep", "nobody looks", (SOON,)))


def outcome(seconds: float = 1.0, **values: object) -> Outcome:
    timeline = Timeline([Step(0.0, 0.1, 0.2, 3)], [(0.1, 0.2, "broken")])
    found = {"measured": {SOON: seconds}, "judgements": 1, "posts": 7, "deliveries": 21, "timelines": [timeline]}
    return Outcome("a_drill", (SOON,), **{**found, **values})


def report(one: Outcome, *controls: Controlled) -> Report:
    return Report(FULL, "manage.py run_drills", played=[(DRILL, one)], controls=list(controls))


def test_a_clean_run_says_what_was_measured_and_that_nothing_was_lost(tmp_path: Path):
    found = report(outcome(), Controlled("a_drill", "nobody looks", is_noticed=True, failed=["it comes"]))

    page = found.write(tmp_path).read_text()

    assert found.passed
    assert "**1 of 1 passed**" in page
    assert "| a_drill | it comes | 1 s | ≤ 5 s | met |" in page
    assert "posts acknowledged **7**, deliveries **21**, lost **0**, doubled **0**, reordered **0**" in page
    assert "| a_drill | nobody looks | it comes | noticed |" in page
    assert "![Latency over time: a thing is broken](a_drill.svg)" in page
    assert (tmp_path / "a_drill.svg").read_text().startswith("<svg")
    assert orjson.loads((tmp_path / "report.json").read_bytes())["passed"] is True


@pytest.mark.parametrize(
    "one",
    [
        outcome(5.1),
        outcome(violations=[Violation("A", "gone")]),
        outcome(blind=["A"]),
        outcome(troubles=["broke off"]),
        outcome(judgements=0),
    ],
    ids=["late", "lost", "blind", "broken off", "not judged"],
)
def test_a_drill_that_failed_is_told_as_such(tmp_path: Path, one: Outcome):
    found = report(one)

    page = found.write(tmp_path).read_text()

    assert not found.passed
    assert "**0 of 1 passed**" in page
    assert "**not met**" in page
    assert orjson.loads((tmp_path / "report.json").read_bytes())["passed"] is False


def test_what_was_lost_is_counted(tmp_path: Path):
    found = report(outcome(violations=[Violation("A", "gone"), Violation("A", "gone too"), Violation("B", "twice")]))

    assert found.totals() == {
        "posts acknowledged": 7,
        "deliveries": 21,
        "lost": 2,
        "doubled": 1,
        "reordered": 0,
        "other violations": 0,
    }


def test_a_control_that_passes_fails_the_run():
    found = report(outcome(), Controlled("a_drill", "nobody looks", is_noticed=False, failed=[]))

    assert not found.passed
    assert "**not noticed**" in found.as_markdown()


def test_a_run_of_nothing_is_no_success():
    assert not Report(FULL, "manage.py run_drills").passed


def test_the_last_of_chained_tracebacks_counts_and_a_refused_page_does_not():
    first = 'Traceback (most recent call last):\n  File "a.py", line 1, in one\n    two()\nKeyError: 1\n'
    denied = 'Traceback (most recent call last):\n  File "a.py", line 1\ndjango.core.exceptions.PermissionDenied\n'
    chain = "\nThe above exception was the direct cause of the following exception:\n\n"

    assert faults_in(f"before\n{first}after\n") == ["KeyError: 1"]
    assert faults_in(first + chain + denied) == []
    assert faults_in(first + chain + first) == ["KeyError: 1"]
