from typing import Any, get_args

import orjson
import pytest
from pydantic import ValidationError

from chat.wire import limits
from chat.wire.codec import COMMAND_TYPES, Refused, parse_frame
from chat.wire.commands import Command, Hello, History, Open, Post
from chat.wire.errors import ErrorCode

UUID_TEXT = "0b54a3a2-9b0a-4a43-8a37-16f0c3c5a0de"
CURSORS = {"7": {"epoch": "e1", "seq": 41}}

SMALLEST: dict[str, dict[str, Any]] = {
    "hello": {"device": UUID_TEXT},
    "post": {"conversation": 7, "client_id": UUID_TEXT, "text": "hi"},
    "edit": {"conversation": 7, "seq": 1, "text": "hi"},
    "delete": {"conversation": 7, "seq": 1},
    "react": {"conversation": 7, "seq": 1, "emoji": "👍", "on": True},
    "read": {"conversation": 7, "seq": 1},
    "draft": {"conversation": 7, "text": ""},
    "typing": {"conversation": 7, "on": False},
    "open": {"conversation": None},
    "history": {"conversation": 7},
    "create": {"kind": "group", "title": "Friday", "members": ["bob"]},
    "rename": {"conversation": 7, "title": "Friday"},
    "invite": {"conversation": 7, "members": ["bob"]},
    "leave": {"conversation": 7},
    "remove": {"conversation": 7, "user": 4},
    "members": {"conversation": 7},
    "stop": {"conversation": 7, "turn": UUID_TEXT},
    "regenerate": {"conversation": 7, "seq": 1},
    "ack": {"cursors": {}},
    "ping": {},
}

UNDERSTOOD = (None, "")
EVERY_FIELD = [(kind, field) for kind, fields in SMALLEST.items() for field in fields]


def said(command: str, /, **changes: Any) -> tuple[ErrorCode | None, str]:
    (answer,) = parse_frame(orjson.dumps({"type": command, **SMALLEST[command], **changes}).decode())
    return (answer.error.code, answer.error.detail) if isinstance(answer, Refused) else UNDERSTOOD


def bad(detail: str) -> tuple[ErrorCode, str]:
    return ErrorCode.BAD_COMMAND, detail


def test_every_command_is_tried_here():
    assert SMALLEST.keys() == COMMAND_TYPES
    assert max(len(model.model_fields) for model in get_args(Command)) <= 8 < limits.COMMAND_FIELDS


@pytest.mark.parametrize("kind", SMALLEST)
def test_a_command_with_its_required_fields_is_understood_with_and_without_ref(kind: str):
    assert [said(kind), said(kind, ref=0), said(kind, ref=None)] == [UNDERSTOOD] * 3


@pytest.mark.parametrize("kind", SMALLEST)
def test_an_unknown_field_is_refused(kind: str):
    assert said(kind, extra=1) == bad("extra is not a field of this command.")
    assert said(kind, **{"<b>": 1}) == bad("An unknown key is not a field of this command.")


@pytest.mark.parametrize(("kind", "field"), EVERY_FIELD)
def test_every_required_field_is_missed(kind: str, field: str):
    rest = {name: value for name, value in SMALLEST[kind].items() if name != field}
    (answer,) = parse_frame(orjson.dumps({"type": kind, "ref": 1, **rest}).decode())
    assert isinstance(answer, Refused)
    assert (answer.ref, answer.error.code) == (1, ErrorCode.BAD_COMMAND)
    assert answer.error.detail.startswith(f"{field} is missing")


@pytest.mark.parametrize(("kind", "field"), EVERY_FIELD)
@pytest.mark.parametrize("value", [1.0, 1.5, [], [[]], {"a": {}}, "x\0", 2**53, -1])
def test_no_field_takes_a_value_of_another_type(kind: str, field: str, value: object):
    assert said(kind, **{field: value})[0] in (ErrorCode.BAD_COMMAND, ErrorCode.TOO_LONG)


@pytest.mark.parametrize("kind", [kind for kind in SMALLEST if SMALLEST[kind].get("conversation")])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("7", "must be an integer"),
        (True, "must be an integer"),
        (7.0, "must be an integer"),
        (None, "must be an integer"),
        (0, "must be at least 1"),
        (2**53, "must be at most 9007199254740991"),
    ],
)
def test_a_conversation_is_an_integer_and_nothing_like_one(kind: str, value: object, why: str):
    assert said(kind, conversation=value) == bad(f"conversation {why}.")


@pytest.mark.parametrize(("kind", "field"), [("post", "client_id"), ("hello", "device")])
@pytest.mark.parametrize(
    "value",
    [UUID_TEXT.replace("-", ""), f"{{{UUID_TEXT}}}", f"urn:uuid:{UUID_TEXT}", UUID_TEXT[:-1] + "g", "", 1, "é" * 36],
)
def test_a_uuid_has_one_spelling(kind: str, field: str, value: object):
    assert said(kind, **{field: value}) == bad(f"{field} must be a UUID in its canonical spelling.")


@pytest.mark.parametrize("kind", ["post", "edit"])
def test_a_text_says_something_visible(kind: str):
    nothing = bad("text must have something visible in it and no character that is not allowed.")
    assert said(kind, text="") == bad("text must not be empty.")
    assert [said(kind, text=text) for text in (" ", "\n\t\u3000", "\u200b\u200d", "\0", "a\0b")] == [nothing] * 5
    assert [said(kind, text=text) for text in (".", " a\n", "中", "👍🏽", "\u200bx")] == [UNDERSTOOD] * 5


@pytest.mark.parametrize(
    ("kind", "field", "most"),
    [("post", "text", 8000), ("edit", "text", 8000), ("draft", "text", 8000), ("rename", "title", 120),
     ("create", "title", 120), ("hello", "device_name", 80), ("hello", "platform", 80)],
)  # fmt: skip
def test_lengths_count_characters_not_bytes(kind: str, field: str, most: int):
    assert said(kind, **{field: "👍" * most}) == UNDERSTOOD
    assert said(kind, **{field: "x" * (most + 1)}) == (
        ErrorCode.TOO_LONG,
        f"{field} may have at most {most} characters.",
    )


@pytest.mark.parametrize(("kind", "field"), [("rename", "title"), ("create", "title"), ("hello", "device_name")])
@pytest.mark.parametrize("value", ["a\nb", "a\x1bb", "a\x7f", "a\x85b"])
def test_a_name_is_one_line_without_control_characters(kind: str, field: str, value: str):
    assert said(kind, **{field: value})[0] is ErrorCode.BAD_COMMAND


def test_attachments_are_not_supported_yet_and_say_so():
    unsupported = (ErrorCode.UNSUPPORTED, "This server does not take attachments yet.")
    assert said("post", attachments=[]) == UNDERSTOOD
    assert said("post", attachments=[{"id": 1}]) == unsupported
    assert said("post", attachments=[{"id": 1}], text="") == unsupported
    assert said("post", attachments={}) == bad("attachments must be an array.")


@pytest.mark.parametrize("emoji", ["👍", "👍🏽", "❤️", "❤", "🇩🇪", "1️⃣", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🤷🏽‍♀️"])
def test_one_emoji_of_any_kind_is_a_reaction(emoji: str):
    assert said("react", emoji=emoji) == UNDERSTOOD


@pytest.mark.parametrize(
    "emoji", ["", "a", "1", "中", "👍👍", "👍 ", "\n", "<", "👍" + "🏽" * 2, "👨‍👩‍👧‍👦‍👨‍👩‍👧‍👦", "\u200d"]
)
def test_anything_else_is_no_reaction(emoji: str):
    assert said("react", emoji=emoji) == bad("emoji must be one emoji of at most 32 bytes.")


@pytest.mark.parametrize("value", [0, 1, "true", None])
def test_on_is_a_boolean(value: object):
    assert said("react", on=value) == said("typing", on=value) == bad("on must be true or false.")


@pytest.mark.parametrize("key", ["", "0", "07", "-1", "a", "7 ", "９", "9007199254740992", "9" * 30])
def test_keys_of_cursors_are_conversation_ids(key: str):
    wrong = bad("cursors must have conversation ids as keys.")
    assert said("hello", cursors={key: CURSORS["7"]}) == said("ack", cursors={key: 1}) == wrong


def test_cursors_are_bounded():
    most = range(1, limits.CURSORS + 1)
    over = (ErrorCode.LIMIT, "cursors may have at most 1000 entries.")
    assert said("ack", cursors={str(key): 1 for key in most}) == UNDERSTOOD
    assert said("ack", cursors={str(key): 1 for key in [*most, 1001]}) == over
    assert said("hello", cursors={str(key): CURSORS["7"] for key in [*most, 1001]}) == over


@pytest.mark.parametrize(
    "cursor", [None, 41, {}, {"epoch": "e1"}, {"seq": 1}, {"epoch": "", "seq": 1}, {"epoch": "e" * 33, "seq": 1},
               {"epoch": "e\n", "seq": 1}, {"epoch": "e1", "seq": -1}, {"epoch": "e1", "seq": 1, "x": 1}]
)  # fmt: skip
def test_a_cursor_is_an_epoch_and_a_position(cursor: object):
    code, detail = said("hello", cursors={"7": cursor})
    assert code in (ErrorCode.BAD_COMMAND, ErrorCode.TOO_LONG)
    assert detail.startswith("cursors ")


def test_history_has_one_anchor_and_a_bounded_page():
    assert [said("history", before=None), said("history", around=5), said("history", limit=200)] == [UNDERSTOOD] * 3
    assert said("history", before=5, around=5) == bad("before and around exclude each other.")
    assert said("history", limit=201) == bad("limit must be at most 200.")
    assert said("history", limit=0) == bad("limit must be at least 1.")
    assert parse_frame('{"type":"history","conversation":7}') == [History(conversation=7, before=None, limit=50)]


def test_a_group_has_a_title_and_a_direct_conversation_has_not():
    alone = bad("A direct conversation has one other member and no title.")
    assert said("create", title=None) == bad("title is missing; a group has one.")
    assert said("create", kind="direct", title=None) == UNDERSTOOD
    assert said("create", kind="direct") == alone
    assert said("create", kind="direct", title=None, members=["bob", "carol"]) == alone
    assert said("create", kind="channel") == bad("kind must be 'direct' or 'group'.")


@pytest.mark.parametrize("kind", ["create", "invite"])
def test_members_are_some_usernames(kind: str):
    assert said(kind, members=["bob"] * 200) == UNDERSTOOD
    assert said(kind, members=["bob"] * 201) == (ErrorCode.LIMIT, "members may have at most 200 entries.")
    assert said(kind, members=[]) == bad("members must have at least 1 entry.")
    assert said(kind, members=[4]) == bad("members must be a string.")
    assert said(kind, members=["x" * 151])[0] is ErrorCode.TOO_LONG


def test_open_needs_a_conversation_or_null():
    assert parse_frame('{"type":"open","conversation":null}') == [Open(conversation=None)]


def test_a_read_position_may_be_before_the_first_message():
    assert said("read", seq=0) == UNDERSTOOD
    assert said("delete", seq=0) == bad("seq must be at least 1.")


def test_a_detail_repeats_nothing_that_the_client_sent():
    secret = "hunter2"
    wrong: list[dict[str, Any]] = [
        {"conversation": secret},
        {"client_id": secret},
        {"attachments": secret},
        {"A" + secret: 1},
    ]
    assert [secret in said("post", **change)[1] for change in wrong] == [False] * 4


def test_a_command_cannot_be_changed():
    command = Hello(device=UUID_TEXT)  # type: ignore[arg-type]  # a string is read like one from the wire
    with pytest.raises(ValidationError):
        command.device_name = "other"  # type: ignore[misc]  # that is the test


def test_a_post_has_defaults():
    (post,) = parse_frame(orjson.dumps({"type": "post", **SMALLEST["post"]}).decode())
    assert isinstance(post, Post)
    assert (post.ref, post.reply_to, post.attachments, str(post.client_id)) == (None, None, [], UUID_TEXT)
