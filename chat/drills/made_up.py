"""Frames that nobody should send: wrong types, depths, fields and words, made up by hypothesis."""

import json

from hypothesis import strategies as st

from chat.wire.codec import COMMAND_TYPES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    *("ref", "conversation", "client_id", "text", "reply_to", "seq", "emoji", "on", "limit", "before", "around"),
    *("kind", "title", "members", "user", "after", "cursors", "device", "device_name", "attachments"),
)
COMMANDS = st.fixed_dictionaries({"type": st.sampled_from(sorted(COMMAND_TYPES)) | JSON}).flatmap(
    lambda said: st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6).map(lambda rest: {**rest, **said})
)
FRAMES = (
    st.lists(COMMANDS | JSON, max_size=5).map(json.dumps)
    | COMMANDS.map(json.dumps)
    | st.text(max_size=60)  # bytes that are no text are the WebSocket's own affair
)

TERRIBLE = (
    *("", "not json", "42", '"text"', "null", "[", '{"type":"ping"', '{"type":"ping"}{"type":"ping"}', "[NaN]"),
    "[" * 5000 + "]" * 5000,
    '{"type":"post","text":"\\ud800"}',
    "[" + ",".join(["{}"] * 257) + "]",
    '{"type":"ping","x":"' + "y" * 65_536 + '"}',
    '{"type":"ping","x":"' + "文" * 30_000 + '"}',
)
"""Frames that are none: answered with `bad_frame` and closed with 4400."""
