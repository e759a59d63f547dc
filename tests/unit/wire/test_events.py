from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args
from uuid import UUID

import orjson
import pytest

from chat.wire import entries, events
from chat.wire.codec import decode_events, encode, frame
from chat.wire.errors import ChatError, ErrorCode
from chat.wire.schema import ServerEvent, validate_event
from chat.wire.shapes import iso

AT = datetime(2026, 1, 31, 9, 0, 0, 123_456, tzinfo=UTC)
DEVICE = UUID("5f0c5d0e-6a1b-4c7e-9d57-0f4c1f3f8a11")
CLIENT_ID = UUID("0b54a3a2-9b0a-4a43-8a37-16f0c3c5a0de")

ANN = entries.member(3, username="ann", name="Ann", read_seq=41, online=True, role="owner")
BOB = entries.member(4, username="bob", name="Bob", read_seq=40, online=False)
ENTRY = entries.conversation_entry(
    7, kind="group", title="Friday", epoch="e1", head=43, read_seq=41, unread=2, draft="", member_count=2,
    members=[ANN, BOB], resume="replay",
)  # fmt: skip
ENTRY_JSON = {
    "id": 7, "kind": "group", "title": "Friday", "epoch": "e1", "head": 43, "read_seq": 41, "unread": 2, "draft": "",
    "member_count": 2, "resume": "replay",
    "members": [
        {"id": 3, "username": "ann", "name": "Ann", "read_seq": 41, "online": True, "role": "owner"},
        {"id": 4, "username": "bob", "name": "Bob", "read_seq": 40, "online": False},
    ],
}  # fmt: skip


MUTED = entries.conversation_entry(
    8, kind="direct", title="", epoch="e1", head=0, read_seq=0, unread=0, draft="", member_count=2, members=[],
    resume="snapshot", muted=True,
)  # fmt: skip
MUTED_JSON = {
    "id": 8, "kind": "direct", "title": "", "epoch": "e1", "head": 0, "read_seq": 0, "unread": 0, "draft": "",
    "member_count": 2, "members": [], "resume": "snapshot", "muted": True,
}  # fmt: skip


def message(**changes: Any) -> events.Event:
    plain: dict[str, Any] = {
        "conversation": 7, "seq": 42, "changed_seq": 42, "id": 981, "kind": "text", "sender_id": 3,
        "sender_name": "Ann", "client_id": CLIENT_ID, "text": "hi", "html": "", "at": AT,
    }  # fmt: skip
    return events.message(**{**plain, **changes})


MESSAGE = {
    "type": "message", "conversation": 7, "seq": 42, "changed_seq": 42, "id": 981, "kind": "text",
    "sender": {"id": 3, "name": "Ann"}, "client_id": str(CLIENT_ID), "at": "2026-01-31T09:00:00.123Z",
}  # fmt: skip

EXAMPLES: list[tuple[events.Event, dict[str, Any]]] = [
    (
        events.ok(2, conversation=7, seq=42, duplicate=False),
        {"type": "ok", "ref": 2, "conversation": 7, "seq": 42, "duplicate": False},
    ),
    (
        events.ok(0, conversation=7, seq=42, changed_seq=44),
        {"type": "ok", "ref": 0, "conversation": 7, "seq": 42, "changed_seq": 44},
    ),
    (events.ok(None), {"type": "ok"}),
    (
        events.error(ChatError(ErrorCode.RATE_LIMITED, "Slowly.", retry_after_ms=500), ref=2),
        {"type": "error", "ref": 2, "code": "rate_limited", "retryable": True,
         "retry_after_ms": 500, "detail": "Slowly."},
    ),
    (
        events.error(ChatError(ErrorCode.FORBIDDEN)),
        {"type": "error", "code": "forbidden", "retryable": False, "detail": "You may not do this."},
    ),
    (events.pong(11, heads={7: 43}), {"type": "pong", "ref": 11, "heads": {"7": 43}}),
    (
        events.page(7, messages=[message(), encode(message(text="ho"))], has_more=True),
        {"type": "page", "ref": 7, "messages": [{**MESSAGE, "text": "hi"}, {**MESSAGE, "text": "ho"}],
         "has_more": True},
    ),
    (
        events.page(7, messages=[], has_more=False, has_newer=True),
        {"type": "page", "ref": 7, "messages": [], "has_more": False, "has_newer": True},
    ),
    (
        events.members_page(10, conversation=7, members=[ANN], has_more=False),
        {"type": "members", "ref": 10, "conversation": 7, "members": [ENTRY_JSON["members"][0]], "has_more": False},  # type: ignore[index]  # a list
    ),
    (
        events.welcome(
            1,
            node="server_1",
            user=entries.user(3, username="ann", name="Ann"),
            device=entries.device_identity(DEVICE, name="Firefox"),
            session=entries.session(
                CLIENT_ID, restored=True, source="checkpoint", last_active=AT, message_count=5, open_conversation=7,
                cursors={7: {"epoch": "e1", "seq": 41}},
            ),
            conversations=[ENTRY],
        ),
        {
            "type": "welcome", "ref": 1, "node": "server_1", "user": {"id": 3, "username": "ann", "name": "Ann"},
            "device": {"id": str(DEVICE), "name": "Firefox"},
            "session": {
                "id": str(CLIENT_ID), "restored": True, "source": "checkpoint", "message_count": 5,
                "last_active": "2026-01-31T09:00:00.123Z", "open_conversation": 7,
                "cursors": {"7": {"epoch": "e1", "seq": 41}},
            },
            "heartbeat_seconds": 15, "limits": {"frame_bytes": 65536, "text_chars": 8000, "posts_per_10s": 50},
            "conversations": [ENTRY_JSON],
        },
    ),
    (
        events.welcome(
            None,
            node="server_1",
            user=entries.user(3, username="ann", name="Ann"),
            device=entries.device_identity(str(DEVICE), name=""),
            session=entries.session(CLIENT_ID, restored=False, source="new", last_active=None, message_count=0),
            conversations=[MUTED],
            posts_per_10s=9,
            preferences=entries.preferences(language="en", theme="system"),
        ),
        {
            "type": "welcome", "node": "server_1", "user": {"id": 3, "username": "ann", "name": "Ann"},
            "device": {"id": str(DEVICE), "name": ""},
            "session": {"id": str(CLIENT_ID), "restored": False, "source": "new", "message_count": 0,
                        "last_active": None},
            "heartbeat_seconds": 15, "limits": {"frame_bytes": 65536, "text_chars": 8000, "posts_per_10s": 9},
            "conversations": [MUTED_JSON], "preferences": {"language": "en"},
        },
    ),
    (message(), {**MESSAGE, "text": "hi"}),
    (message(client_id=str(CLIENT_ID), reactions={}, attachments=[], data=None), {**MESSAGE, "text": "hi"}),
    (message(text="<b>", html="&lt;b&gt;"), {**MESSAGE, "text": "<b>"}),
    (
        message(
            text="*hi*", html="<p><em>hi</em></p>", changed_seq=44, edited_at=AT + timedelta(seconds=1), reply_to=40,
            reactions={"👍": [3, 4]}, attachments=[{"id": 1}],
        ),
        {
            **MESSAGE, "text": "*hi*", "html": "<p><em>hi</em></p>", "changed_seq": 44,
            "edited_at": "2026-01-31T09:00:01.123Z", "reply_to": 40, "reactions": {"👍": [3, 4]},
            "attachments": [{"id": 1}],
        },
    ),
    (
        message(deleted=True, html="<p>", changed_seq=45, reactions={"👍": [3]}, attachments=[{"id": 1}], reply_to=40),
        {**MESSAGE, "changed_seq": 45, "deleted": True, "reply_to": 40},
    ),
    (
        message(kind="system", text="", data={"action": "joined", "user": 5, "name": "Carol"}),
        {**MESSAGE, "kind": "system", "data": {"action": "joined", "user": 5, "name": "Carol"}},
    ),
    (events.caught_up(7, epoch="e1", seq=43), {"type": "caught_up", "conversation": 7, "epoch": "e1", "seq": 43}),
    (events.read(7, user=3, seq=42), {"type": "read", "conversation": 7, "user": 3, "seq": 42}),
    (
        events.draft(7, text="", device=DEVICE),
        {"type": "draft", "conversation": 7, "text": "", "device": str(DEVICE)},
    ),
    (events.typing(7, user=4, on=False), {"type": "typing", "conversation": 7, "user": 4, "on": False}),
    (events.presence(3, online=True), {"type": "presence", "user": 3, "online": True}),
    (events.delivered(7, user=4, seq=42), {"type": "delivered", "conversation": 7, "user": 4, "seq": 42}),
    (
        events.conversation(7, entry=ENTRY),
        {"type": "conversation", "conversation": 7, "state": "joined", "entry": ENTRY_JSON},
    ),
    (events.conversation(7, entry=None), {"type": "conversation", "conversation": 7, "state": "left"}),
    (
        events.conversation_changed(7, read_seq=40, unread=3, muted=True),
        {
            "type": "conversation", "conversation": 7, "state": "changed", "read_seq": 40, "unread": 3, "muted": True,
        },
    ),
    (
        events.preferences(language="zh-hans", theme="dark"),
        {"type": "preferences", "language": "zh-hans", "theme": "dark"},
    ),
    (events.preferences(language="", theme="system"), {"type": "preferences"}),
    (
        events.device(DEVICE, name="Firefox", state="revoked"),
        {"type": "device", "device": str(DEVICE), "name": "Firefox", "state": "revoked"},
    ),
    (
        events.announcement(DEVICE, text="Back at noon", until=datetime(2026, 1, 31, 12, tzinfo=UTC)),
        {"type": "announcement", "id": str(DEVICE), "text": "Back at noon", "until": "2026-01-31T12:00:00.000Z"},
    ),
    (events.announcement(DEVICE, text="", until=None), {"type": "announcement", "id": str(DEVICE)}),
    (
        events.assistant(7, turn="t1", attempt=2, state="streaming", offset=10, text="so"),
        {
            "type": "assistant", "conversation": 7, "turn": "t1", "attempt": 2, "state": "streaming", "offset": 10,
            "text": "so",
        },
    ),
    (
        events.bye("restart", reconnect_after_ms=730),
        {"type": "bye", "reason": "restart", "reconnect_after_ms": 730},
    ),
    (events.bye("revoked"), {"type": "bye", "reason": "revoked"}),
]  # fmt: skip


def test_every_event_has_an_example():
    assert {wanted["type"] for _, wanted in EXAMPLES} == EVENT_TYPES


EVENT_TYPES = {get_args(model.model_fields["type"].annotation)[0] for model in get_args(ServerEvent)}


@pytest.mark.parametrize(("built", "wanted"), EXAMPLES)
def test_an_event_is_exactly_this_on_the_wire_and_passes_the_schema(built: events.Event, wanted: dict[str, Any]):
    (received,) = decode_events(frame([encode(built)]))
    assert received == wanted
    assert validate_event(received).model_dump(mode="json", exclude_unset=True) == wanted


@pytest.mark.parametrize(("built", "wanted"), EXAMPLES)
def test_the_schema_refuses_an_unknown_field_and_every_missing_or_null_one(built: events.Event, wanted: dict[str, Any]):
    with pytest.raises(ValueError):
        validate_event({**wanted, "extra": 1})
    for field in wanted:
        with pytest.raises(ValueError):
            validate_event({**wanted, field: None})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"type": "nope"},
        {"type": "ok", "ref": True},
        {"type": "ok", "ref": "1"},
        {"type": "pong", "heads": {"x": 1}},
        {"type": "error", "code": "nope", "retryable": False, "detail": "x"},
        {"type": "error", "code": "busy", "retryable": False, "detail": "x"},
        {**MESSAGE, "text": ""},
        {**MESSAGE, "text": "hi", "deleted": False},
        {**MESSAGE, "text": "hi", "deleted": True},
        {**MESSAGE, "text": "hi", "reactions": {}},
        {**MESSAGE, "text": "hi", "reactions": {"👍": []}},
        {**MESSAGE, "text": "hi", "attachments": []},
        {**MESSAGE, "text": "hi", "changed_seq": 41},
        {**MESSAGE, "kind": "system"},
        {**MESSAGE, "text": "hi", "data": {"action": "left", "user": 3, "name": "Ann"}},
        {**MESSAGE, "text": "hi", "at": "2026-01-31T09:00:00+00:00"},
        {**MESSAGE, "text": "hi", "client_id": str(CLIENT_ID).upper()},
        {"type": "conversation", "conversation": 7, "state": "joined"},
        {"type": "conversation", "conversation": 7, "state": "left", "entry": ENTRY_JSON},
        {"type": "conversation", "conversation": 7, "state": "left", "muted": True},
        {"type": "conversation", "conversation": 7, "state": "changed"},
        {"type": "conversation", "conversation": 7, "state": "changed", "read_seq": 1, "unread": 0},
        {"type": "preferences", "theme": "system"},
        {"type": "preferences", "language": ""},
    ],
)
def test_the_schema_refuses_what_no_server_says(wrong: dict[str, Any]):
    with pytest.raises(ValueError):
        validate_event(wrong)


def test_a_message_costs_no_more_bytes_than_it_must():
    text = "x" * 100
    assert len(encode(message(text=text, sender_name="Ann"))) == 308
    assert len(encode(message(text=text, edited_at=None, deleted=False, reactions={}, attachments=[], data={}))) == 308


@pytest.mark.parametrize(
    ("at", "spelled"),
    [
        (AT, "2026-01-31T09:00:00.123Z"),
        (AT.replace(microsecond=0), "2026-01-31T09:00:00.000Z"),
        (AT.replace(microsecond=999_999), "2026-01-31T09:00:00.999Z"),
        (AT.replace(microsecond=1), "2026-01-31T09:00:00.000Z"),
        (AT.replace(year=1), "0001-01-31T09:00:00.123Z"),
        (AT.astimezone(timezone(timedelta(hours=8))), "2026-01-31T09:00:00.123Z"),
    ],
)
def test_times_are_utc_in_milliseconds(at: datetime, spelled: str):
    assert iso(at) == spelled


def test_a_time_without_a_zone_is_a_bug():
    with pytest.raises(ValueError, match="a time without a zone"):
        iso(AT.replace(tzinfo=None))


def test_encoded_text_is_utf8_and_not_escaped():
    assert orjson.dumps("你好") == '"你好"'.encode() in encode(message(text="你好"))
