"""The JSON file of a run: its shape is a promise to scripts."""

from pathlib import Path

import orjson
import pytest

from chat.demo.options import Options
from chat.demo.result import Result, write
from chat.demo.trouble import Trouble
from chat.demo.verdict import Verdict

KEYS = {
    "version": int,
    "passed": bool,
    "started_at": str,
    "seconds": float,
    "seed": int,
    "language": str,
    "simple": bool,
    "clients": int,
    "nodes": dict,
    "database": str,
    "logs": str,
    "scenarios": list,
}
SCENARIO_KEYS = {"name": str, "passed": bool, "seconds": float, "numbers": dict, "failures": list}


def written(result: Result, path: Path) -> dict:
    write(result, path)
    return orjson.loads(path.read_bytes())


def test_the_keys_and_types_are_these(tmp_path: Path):
    failed = Verdict("recovery")
    failed.blame("doubled", count=2)
    result = Result(Options(seed=5), seconds=2.5, verdicts=[Verdict("consistency", {"sent": 25}), failed])
    found = written(result, tmp_path / "result.json")
    assert found.pop("error") is None
    assert {key: type(value) for key, value in found.items()} == KEYS
    assert [{key: type(value) for key, value in each.items()} for each in found["scenarios"]] == [SCENARIO_KEYS] * 2
    assert found["scenarios"][0]["numbers"] == {"sent": 25}
    assert found["scenarios"][1]["failures"] == ["2 messages came twice"]
    assert found["passed"] is False


def test_a_run_has_passed_only_when_every_scenario_has():
    assert Result(Options(), verdicts=[Verdict("consistency"), Verdict("state")]).passed
    assert not Result(Options()).passed
    assert not Result(Options(), verdicts=[Verdict("consistency")], error=("what", "next")).passed


def test_what_stopped_the_run_is_in_the_file(tmp_path: Path):
    found = written(Result(Options(), error=("It is so.", "do that.")), tmp_path / "result.json")
    assert found["error"] == {"what": "It is so.", "next_step": "do that."}


def test_a_file_that_cannot_be_written_is_a_trouble_with_a_next_step(tmp_path: Path):
    with pytest.raises(Trouble) as caught:
        write(Result(Options()), tmp_path / "nowhere" / "result.json")
    assert caught.value.parts("en")[1] == "choose another file for --json."
