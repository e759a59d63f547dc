"""The rows of new messages, made by hand, are those that Django would make."""

from datetime import UTC, datetime
from uuid import UUID

from chat.log.changes import Post
from chat.log.sql import PostValues, prepared
from chat.models import Message


def test_a_post_is_made_in_the_same_way_as_any_message():
    at = datetime(2026, 1, 31, tzinfo=UTC)
    post = Post(7, 3, UUID(int=5), "hello", "<b>hello</b>", 2)
    usual = Message(
        conversation_id=7, sender_id=3, client_id=UUID(int=5), text="hello", html="<b>hello</b>", reply_to=2, at=at
    )

    values = PostValues(at)
    ours, other = values.message(post), values.message(post)

    assert _fields(ours) == _fields(usual)
    assert (ours._state.adding, ours._state.db) == (usual._state.adding, usual._state.db)
    assert values.of(ours) == prepared(usual)
    assert ours.reactions is not other.reactions
    assert ours.attachments is not other.attachments


def _fields(message: Message) -> dict[str, object]:
    return {name: value for name, value in vars(message).items() if name != "_state"}
