import json
import os
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.wire import limits
from chat.wire.codec import COMMAND_TYPES, Refused, decode_events, encode, frame, parse_frame
from chat.wire.commands import Ack, Cursor, Hello, Ping, Post
from chat.wire.errors import ChatError, ErrorCode

EXAMPLES = int(os.environ.get("DISTCHAT_TEST_EXAMPLES", "200"))
"""How many inputs hypothesis tries; the deep profile sets 5,000 and more."""

often = settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck))

DEVICE = "5f0c5d0e-6a1b-4c7e-9d57-0f4c1f3f8a11"
PING = '{"type":"ping","ref":1}'


def refused(text: str) -> tuple[int | None, ErrorCode, str]:
    (only,) = parse_frame(text)
    assert isinstance(only, Refused)
    return only.ref, only.error.code, only.error.detail


def bad_frame(text: str) -> str:
    with pytest.raises(ChatError) as caught:
        parse_frame(text)
    assert caught.value.code is ErrorCode.BAD_FRAME
    return caught.value.detail


def test_one_object_is_one_command():
    assert parse_frame(PING) == [Ping(ref=1)]


def test_an_array_keeps_the_order_and_a_bad_command_harms_no_other():
    first, second, third = parse_frame(f'[{PING},{{"type":"nope","ref":2}},{{"type":"ping","ref":3}}]')
    assert (first, third) == (Ping(ref=1), Ping(ref=3))
    assert isinstance(second, Refused)
    assert (second.ref, second.error.code) == (2, ErrorCode.BAD_COMMAND)


def test_an_empty_array_says_nothing():
    assert parse_frame("[]") == []


def test_keys_of_cursors_become_numbers():
    text = f'{{"type":"hello","device":"{DEVICE}","cursors":{{"7":{{"epoch":"e1","seq":41}}}}}}'
    assert parse_frame(text) == [Hello(device=UUID(DEVICE), cursors={7: Cursor(epoch="e1", seq=41)})]
    assert parse_frame('{"type":"ack","cursors":{"7":43}}') == [Ack(cursors={7: 43})]


@pytest.mark.parametrize(
    "text", ["", " ", "{", "nope", "[NaN]", "[1e999]", '["\\ud800"]', '["\ud800"]', "[" * 1025 + "]" * 1025]
)
def test_what_is_not_json_is_a_bad_frame(text: str):
    assert bad_frame(text) == "The frame is not valid JSON."


@pytest.mark.parametrize("text", ["null", "7", '"ping"', "true"])
def test_json_that_is_neither_object_nor_array_is_a_bad_frame(text: str):
    assert bad_frame(text) == "The frame is not a JSON object or an array of them."


@pytest.mark.parametrize("character", ["x", "中", "👍"])
def test_the_size_of_a_frame_is_counted_in_bytes(character: str):
    fitting = limits.FRAME_BYTES - len(PING)
    over = f'{PING[:-1]},"x":"{character * (limits.FRAME_BYTES // len(character.encode()))}"}}'
    assert parse_frame(PING + " " * fitting) == [Ping(ref=1)]
    assert bad_frame(PING + " " * (fitting + 1)) == "A frame may have at most 65536 bytes."
    assert bad_frame(over) == "A frame may have at most 65536 bytes."


def test_a_full_frame_of_text_of_several_bytes_is_read():
    spoken = '{"type":"ping","x":"' + "中" * ((limits.FRAME_BYTES - 23) // 3) + '"}'
    assert refused(spoken) == (None, ErrorCode.BAD_COMMAND, "x is not a field of this command.")


def test_a_frame_holds_a_bounded_number_of_commands():
    most = f"[{','.join([PING] * limits.FRAME_COMMANDS)}]"
    assert parse_frame(most) == [Ping(ref=1)] * limits.FRAME_COMMANDS
    assert bad_frame(f"[{PING},{most[1:]}") == "A frame may hold at most 256 commands."


@pytest.mark.parametrize("text", ["[1]", "[null]", '["ping"]', "[[]]", "[[[]]]", "[" * 1000 + "]" * 1000])
def test_what_is_no_object_is_no_command(text: str):
    assert refused(text) == (None, ErrorCode.BAD_COMMAND, "A command is a JSON object.")


@pytest.mark.parametrize("kind", ["null", "1", "true", "{}", "[]"])
def test_a_type_is_a_string(kind: str):
    answer = (5, ErrorCode.BAD_COMMAND, "A command needs a type, which is a string.")
    assert refused(f'{{"ref":5,"type":{kind}}}') == answer
    assert refused('{"ref":5}') == answer


def test_an_unknown_type_is_refused_with_its_ref():
    assert refused('{"ref":5,"type":"__class__"}') == (5, ErrorCode.BAD_COMMAND, "There is no command of this type.")


@pytest.mark.parametrize("ref", ["-1", "true", '"1"', "1.0", "[1]", "9007199254740992", "1e30", "1" * 40])
def test_a_ref_that_is_no_ref_is_not_repeated(ref: str):
    assert refused(f'{{"type":"ping","ref":{ref}}}')[:2] == (None, ErrorCode.BAD_COMMAND)
    assert refused(f'{{"type":"nope","ref":{ref}}}')[:2] == (None, ErrorCode.BAD_COMMAND)


def test_the_largest_ref_comes_back():
    assert parse_frame('{"type":"ping","ref":9007199254740991}') == [Ping(ref=limits.INTEGER_MAX)]


def test_of_two_equal_keys_the_last_counts():
    assert parse_frame('{"type":"nope","ref":1,"type":"ping","ref":2}') == [Ping(ref=2)]


def test_a_command_of_thousands_of_fields_is_refused_before_each_is_explained():
    fields = ",".join(f'"k{number}":0' for number in range(5000))
    assert refused(f'{{"type":"ping",{fields}}}')[2] == "A command has at most 16 fields."


# Whatever comes in


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=12,
)

FIELDS = [
    "ref", "conversation", "seq", "text", "client_id", "device", "device_name", "platform", "cursors", "reply_to",
    "attachments", "emoji", "on", "before", "around", "limit", "kind", "title", "members", "user", "after", "extra",
]  # fmt: skip

plausible_values = st.one_of(
    json_values,
    st.integers(min_value=-1, max_value=3),
    st.sampled_from([DEVICE, "group", "direct", "👍", "e1", "", "\0", " ", "x" * 8001, ["bob"], {"7": 1}, [None]]),
    st.just({"7": {"epoch": "e1", "seq": 1}}),
)

plausible_commands = st.builds(
    lambda kind, fields: {"type": kind, **fields},
    st.sampled_from(sorted(COMMAND_TYPES)),
    st.dictionaries(st.sampled_from(FIELDS), plausible_values, max_size=7),
)


REFUSALS = {
    ErrorCode.BAD_FRAME,
    ErrorCode.BAD_COMMAND,
    ErrorCode.TOO_LONG,
    ErrorCode.LIMIT,
    ErrorCode.UNSUPPORTED,
}


def answers_or_refuses(text: str) -> None:
    """Every command is understood or refused with a documented error; a whole frame by BAD_FRAME."""
    try:
        said = parse_frame(text)
    except ChatError as error:
        said = [Refused(None, error)]
    for one in said:
        if not isinstance(one, Refused):
            assert one.type in COMMAND_TYPES
            continue
        assert one.error.code in REFUSALS
        assert 0 < len(one.error.detail) < 120
        assert one.error.detail.isascii()
        assert "pydantic" not in one.error.detail


@often
@given(st.text(st.characters(), max_size=200))
def test_any_text_is_understood_or_refused(text: str):
    answers_or_refuses(text)


@often
@given(json_values)
def test_any_json_is_understood_or_refused(value: object):
    answers_or_refuses(json.dumps(value))


@often
@given(st.lists(plausible_commands, max_size=4))
def test_anything_that_looks_like_commands_is_understood_or_refused(commands: list[object]):
    answers_or_refuses(json.dumps(commands))


@often
@given(st.lists(plausible_commands, min_size=1, max_size=2), st.data())
def test_a_mangled_frame_is_understood_or_refused(commands: list[object], data: st.DataObject):
    text = json.dumps(commands)
    at = data.draw(st.integers(0, len(text)))
    answers_or_refuses(text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 3)) :])


@often
@given(
    st.integers(1, limits.INTEGER_MAX),
    st.uuids(),
    st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: "\0" not in text and text.isalnum()),
)
def test_a_post_that_was_written_down_reads_the_same(conversation: int, client_id: UUID, text: str):
    post = Post(ref=1, conversation=conversation, client_id=client_id, text=text)
    assert parse_frame(post.model_dump_json()) == [post]


# Frames of events


def test_events_are_joined_to_an_array_and_read_back():
    events = [{"type": "ok", "ref": 1}, {"type": "presence", "user": 3, "online": True}]
    written = frame([encode(event) for event in events])
    assert written == b'[{"type":"ok","ref":1},{"type":"presence","user":3,"online":true}]'
    assert decode_events(written) == decode_events(written.decode()) == events


@pytest.mark.parametrize("text", ["{}", "[1]", "null", "nope", ""])
def test_a_frame_that_no_server_sends_is_refused(text: str):
    with pytest.raises(ValueError):
        decode_events(text)
