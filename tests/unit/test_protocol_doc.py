"""What docs/protocol.md shows is parsed by the codec and the schema, and what they know is in it."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from chat.wire import commands, limits, schema
from chat.wire.codec import COMMAND_TYPES, Refused, parse_frame
from chat.wire.errors import RETRYABLE, ErrorCode
from chat.wire.schema import validate_event

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
COMMAND_MODELS = {model.model_fields["type"].default: model for model in get_args(commands.Command)}
EVENT_MODELS = {get_args(model.model_fields["type"].annotation)[0]: model for model in get_args(schema.ServerEvent)}
ANSWERS = {"ok", "error", "pong", "page", "members", "welcome"}


def chapter(title: str, level: str = "##", text: str = PAGE) -> str:
    found = re.search(
        rf"^{level} {re.escape(title)}\n(.*?)(?=^#{{2,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert found, f"docs/protocol.md has no chapter {title}"
    return found[1]


def headings(title: str) -> set[str]:
    return set(re.findall(r"^### (\w+)$", chapter(title), re.MULTILINE))


def values(kind: str) -> list[Any]:
    """Every JSON value in the blocks of this kind; a block may hold several, one after the other."""
    blocks = re.findall(rf"^```json {kind}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [value for block in blocks for value in _values_of(block)]


def _values_of(block: str) -> list[Any]:
    found, rest = [], block.strip()
    while rest:
        value, end = json.JSONDecoder().raw_decode(rest)
        found.append(value)
        rest = rest[end:].strip()
    return found


def rows(title: str) -> list[list[str]]:
    lines = re.findall(r"^\|(.*)\|$", chapter(title), re.MULTILINE)[2:]
    return [[cell.strip(" `") for cell in line.split("|")] for line in lines]


def flat(found: list[Any]) -> list[dict[str, Any]]:
    return [one for value in found for one in (value if isinstance(value, list) else [value])]


def fields_of(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields) - {"type", "ref"}


def test_every_block_says_whose_words_it_holds():
    assert set(re.findall(r"^```(.+)$", PAGE, re.MULTILINE)) == {"json command", "json event"}


@pytest.mark.parametrize("said", values("command"), ids=str)
def test_every_command_on_the_page_is_understood(said: Any):
    assert [one for one in parse_frame(json.dumps(said)) if isinstance(one, Refused)] == []


@pytest.mark.parametrize("said", flat(values("event")), ids=str)
def test_every_event_on_the_page_is_one_that_a_server_may_send(said: dict[str, Any]):
    assert validate_event(said).model_dump(mode="json", exclude_unset=True) == said


def test_every_command_has_a_paragraph_and_an_example():
    assert headings("Commands") == COMMAND_TYPES
    assert {said["type"] for said in flat(values("command"))} == COMMAND_TYPES


def test_every_event_has_a_paragraph_and_an_example():
    assert headings("Answers") == ANSWERS
    assert headings("Events") == EVENT_MODELS.keys() - ANSWERS
    assert {said["type"] for said in flat(values("event"))} == EVENT_MODELS.keys()


@pytest.mark.parametrize("name", sorted(COMMAND_MODELS))
def test_every_field_of_a_command_is_described(name: str):
    words = chapter(name, "###", chapter("Commands"))
    assert [field for field in fields_of(COMMAND_MODELS[name]) if field not in words] == []


@pytest.mark.parametrize("name", sorted(EVENT_MODELS))
def test_every_field_of_an_event_is_described(name: str):
    words = chapter(name, "###", chapter("Answers" if name in ANSWERS else "Events"))
    assert [field for field in fields_of(EVENT_MODELS[name]) if field not in words] == []


def test_every_field_of_the_parts_is_described():
    parts = (schema.Session, schema.Limits, schema.ConversationEntry, schema.Member, schema.SystemData)
    assert [field for part in parts for field in part.model_fields if f"`{field}`" not in PAGE] == []


def test_every_error_code_is_documented_with_what_to_do():
    documented = {code: retryable for code, retryable, _, todo in rows("Error codes") if todo}
    assert documented == {code.value: "yes" if code in RETRYABLE else "no" for code in ErrorCode}


def test_every_close_code_is_documented_with_what_to_do():
    documented = {int(code): name for code, name, _, todo in rows("Close codes") if todo}
    assert documented == {int(code): code.name for code in limits.CloseCode}


def test_every_limit_is_documented_with_its_value():
    numbers = {name: value for name, value in vars(limits).items() if type(value) is int and name != "KIB"}
    assert {name: int(value) for name, value, _ in rows("Limits")} == numbers


def test_every_reason_of_a_goodbye_is_documented():
    words = chapter("bye", "###", chapter("Events"))
    assert [
        reason for reason in get_args(schema.Bye.model_fields["reason"].annotation) if f"`{reason}`" not in words
    ] == []


def test_the_protocol_is_named():
    assert PAGE.startswith(f"# The wire: protocol `{limits.PROTOCOL}`\n")
