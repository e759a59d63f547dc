"""The page has a word for everything that it says, in both languages, with the same names to fill in."""

import re
from pathlib import Path

import pytest
from django.utils.translation import override

from chat.ops.cluster import words
from chat.ops.cluster.report import State
from chat.wire.errors import ErrorCode

SCRIPTS = Path(__file__).parents[4] / "chat" / "static" / "chat" / "js" / "cluster"
SOURCE = "\n".join(file.read_text() for file in sorted(SCRIPTS.glob("*.js")))
NAMES = re.compile(r"\{\w+\}")


def test_every_word_that_the_script_asks_for_is_there():
    asked = set(re.findall(r'\bt\("(\w+)"', SOURCE))
    assert len(asked) > 50
    assert asked - words.ALL.keys() == set()


def test_every_word_is_asked_for():
    beginnings = {*re.findall(r"\bt\(`(\w+_)\$", SOURCE), "error_"}
    endings = {"_help", "_node", "_text"}
    unused = [
        key
        for key in words.ALL
        if not re.search(rf'"{key}"', SOURCE)
        and not any(key.startswith(each) for each in beginnings)
        and not any(key.endswith(each) for each in endings)
    ]
    assert unused == []


def test_every_state_and_every_refusal_has_a_word():
    states = {*State.__args__, "gone"}
    assert {f"state_{state}" for state in states} <= words.ALL.keys()
    refusals = (
        "bad_command",
        "conflict",
        "forbidden",
        "not_found",
        "not_ready",
        "rate_limited",
        "too_long",
        "unavailable",
    )
    assert {ErrorCode(each) for each in refusals}
    assert {f"error_{each}" for each in refusals} <= words.ALL.keys()


@pytest.mark.parametrize("key", words.ALL)
def test_a_word_fills_in_the_same_in_both_languages(key: str):
    with override("en"):
        english = str(words.ALL[key])
    with override("zh-hans"):
        chinese = str(words.ALL[key])
    assert chinese != english
    assert sorted(set(NAMES.findall(chinese))) == sorted(set(NAMES.findall(english)))
