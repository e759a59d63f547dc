"""`manage.py run_drills` as a person calls it."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from chat.drills import run
from chat.drills.criterion import at_most
from chat.drills.drill import Drill
from chat.drills.run import FAILED, PASSED, Options, run_drills
from chat.drills.scene import Scene
from chat.drills.table import NAMES

QUICK = at_most("it takes", 1.0, "s")


async def nothing_breaks(scene: Scene) -> None:
    scene.measure(QUICK, 0.5)


async def something_breaks(scene: Scene) -> None:
    raise ConnectionError("the node does not answer")


DRILL = Drill("nothing", "nothing at all happens", (QUICK,), nothing_breaks, is_judged=False)


@pytest.fixture(autouse=True)
def _runs_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "RUNS", tmp_path / "runs")


def told(drill: Drill, language: str = "en", **options: object) -> tuple[int, str]:
    output = io.StringIO()
    code = run_drills(Options([drill], "manage.py run_drills", language, **options), output)
    return code, output.getvalue()


def test_a_drill_that_passes_is_told_and_reported(tmp_path: Path):
    code, text = told(DRILL, report=tmp_path / "report")

    assert code == PASSED
    assert "✅ nothing: passed" in text
    assert "0.5 s" in text
    assert "**1 of 1 passed**" in (tmp_path / "report" / "report.md").read_text()


def test_a_drill_that_breaks_off_fails_and_its_logs_stay(tmp_path: Path):
    code, text = told(replace(DRILL, run=something_breaks))

    assert code == FAILED
    assert "the node does not answer" in text
    assert "❌" in text
    assert (next((tmp_path / "runs").iterdir()) / "nothing").is_dir()


def test_the_story_is_told_in_chinese_too():
    code, text = told(DRILL, "zh-hans")

    assert code == PASSED
    assert "故障演练" in text
    assert "全部通过" in text


def test_the_list_names_every_drill(capsys: pytest.CaptureFixture[str]):
    call_command("run_drills", "--list", "--language", "en")

    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == list(NAMES)


def test_a_drill_that_does_not_exist_is_said_so():
    with pytest.raises(CommandError, match="no drill dance"):
        call_command("run_drills", "dance")
