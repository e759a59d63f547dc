"""Both languages say the same things."""

import re
from pathlib import Path
from string import Formatter

import pytest

from chat.demo import texts_en, texts_zh_hans
from chat.demo.language import SAID, TABLES, language_of_locale, text_of
from chat.demo.options import ALL_SCENARIOS

DEMO = Path(texts_en.__file__).parent
PARTS_OF_A_SCENARIO = ("heading", "scene", "expected", "passed", "failed", "summary")


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys():
    assert set(texts_en.TEXTS) == set(texts_zh_hans.TEXTS)


@pytest.mark.parametrize("key", texts_en.TEXTS)
def test_both_languages_fill_in_the_same_fields(key: str):
    assert fields_of(texts_en.TEXTS[key]) == fields_of(texts_zh_hans.TEXTS[key])


@pytest.mark.parametrize("language", TABLES)
def test_no_text_is_empty_and_the_clients_have_something_to_say(language):
    assert all(TABLES[language].values())
    assert len(SAID[language]) == len(SAID["en"])


@pytest.mark.parametrize("scenario", ALL_SCENARIOS)
def test_every_scenario_has_its_whole_story(scenario: str):
    assert [f"{scenario}_{part}" for part in PARTS_OF_A_SCENARIO if f"{scenario}_{part}" not in texts_en.TEXTS] == []


def test_no_text_is_without_use():
    code = "\n".join(path.read_text() for path in DEMO.rglob("*.py") if not path.name.startswith("texts_"))
    made = re.compile(
        "|".join((r"^(simple|limits|source|weather|column)_", r"_(heading|passed|failed|summary)$", r"_next$"))
    )
    unused = [key for key in texts_en.TEXTS if f'"{key}"' not in code and not made.search(key)]
    assert [key for key in unused if not key.endswith(("_scene", "_expected"))] == []


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "en_US"}, "zh-hans"),
        ({}, "en"),
    ],
)
def test_the_language_is_that_of_the_locale(environment: dict[str, str], language: str):
    assert language_of_locale(environment) == language


def test_a_text_without_one_of_its_fields_is_an_error():
    with pytest.raises(KeyError):
        text_of("en", "posted", client="client_1")
