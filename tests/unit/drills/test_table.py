"""The page about the drills says what the modules say, in both languages."""

import re
from pathlib import Path

import pytest

from chat.drills import words_en, words_zh_hans
from chat.drills.drill import Drill
from chat.drills.sentences_zh_hans import SENTENCES
from chat.drills.soak import soak
from chat.drills.table import NAMES, drill_named
from chat.drills.weakened import WEAKENINGS

ROOT = Path(__file__).parents[3]
DRILLS = [drill_named(name) for name in NAMES]


def table_of(drills: list[Drill]) -> str:
    """As docs/drills.md has it."""
    lines = ["| drill | what happens | passes when | control |", "| --- | --- | --- | --- |"]
    for drill in drills:
        criteria = [f"{each.text} {each.limit_text()}" for each in drill.criteria]
        criteria += ["rules A to J: none broken"] if drill.is_judged else []
        control = f"`{drill.control.weakening}`" if drill.control else "its history, broken"
        lines.append(f"| `{drill.name}` | {drill.happens} | {'; '.join(criteria)} | {control} |")
    return "\n".join(lines)


def test_the_page_has_the_table_of_the_modules():
    assert table_of(DRILLS) in (ROOT / "docs" / "drills.md").read_text()


def test_a_drill_has_the_name_of_its_module():
    assert [drill.name for drill in DRILLS] == list(NAMES)
    files = {file.stem for file in (ROOT / "chat" / "drills" / "faults").glob("*.py")} - {"__init__"}
    assert files == set(NAMES)


@pytest.mark.parametrize("drill", DRILLS, ids=lambda drill: drill.name)
def test_a_drill_can_fail(drill: Drill):
    assert drill.is_judged or drill.control is not None
    if drill.control is not None:
        assert drill.control.weakening in WEAKENINGS
        assert {each for each in drill.control.fails if not isinstance(each, str)} <= set(drill.criteria)


def test_every_sentence_is_there_in_chinese_and_no_other():
    told = [*DRILLS, soak(1)]
    said = {drill.happens for drill in told} | {each.text for drill in told for each in drill.criteria}
    said |= {drill.control.text for drill in DRILLS if drill.control}
    assert said - SENTENCES.keys() == set()
    assert {text for text in SENTENCES if text not in said} <= COMMON


COMMON = {"rules A to J of the checker: violations", "breaks made on purpose, unnoticed", "the checker"}


def test_both_languages_say_the_same_things_with_the_same_fields():
    def fields(text: str) -> set[str]:
        return set(re.findall(r"{(\w+)", text))

    english, chinese = words_en.WORDS, words_zh_hans.WORDS
    assert {key: fields(text) for key, text in english.items()} == {key: fields(text) for key, text in chinese.items()}
