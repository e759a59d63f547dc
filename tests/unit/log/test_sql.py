"""The rows of new messages, made by hand, are those that Django would make."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from accounts.models import User
from chat.log.changes import Post
from chat.log.sql import PostValues, insert_messages, prepared
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


@pytest.mark.django_db
def test_what_is_inserted_is_what_django_would_have_saved(group: int, direct: int, ann: User, bob: User):
    """Also what looks like SQL, JSON or a format, in several conversations at once; each row learns its own id."""
    at = datetime(2026, 1, 31, 23, 59, 59, 123456, tzinfo=UTC)
    texts = [
        "it's",
        'a "word"',
        "100 %s",
        "%(name)s {} \\ \\u0041",
        "line\nline\ttab\r",
        "你好 🎉 é",
        "null",
        "[1]",
        " ",
    ]
    made = [
        Message(
            conversation_id=(group, direct)[number % 2],
            seq=number + 2,
            changed_seq=number + 2 + number % 3,
            sender=(ann, bob)[number % 2],
            client_id=uuid4(),
            kind=Message.Kind.SYSTEM if number % 4 == 3 else Message.Kind.TEXT,
            text=text,
            html=f"<p>{text}</p>",
            data={"action": text, "users": [1, 2], "none": None} if number % 4 == 3 else None,
            reply_to=2 if number % 2 else None,
            reactions={"🎉": [ann.pk], text: []},
            attachments=[{"name": text, "size": 7}] if number % 2 else [],
            at=at,
            edited_at=at if number % 3 else None,
            deleted=number == 5,
        )
        for number, text in enumerate(texts)
    ]
    usual = [_fields(Message.objects.get(pk=_saved(each))) for each in made]
    Message.objects.filter(seq__gt=1).delete()

    insert_messages([(each, prepared(each)) for each in made])

    ours = [_fields(Message.objects.get(pk=each.pk)) for each in made]
    for fields in usual + ours:
        fields.pop("id")
    assert ours == usual


def _saved(message: Message) -> int:
    """The id of a copy that Django has saved."""
    copy = Message(**_fields(message) | {"id": None})
    copy.save(force_insert=True)
    return copy.pk


def _fields(message: Message) -> dict[str, object]:
    return {name: value for name, value in vars(message).items() if name != "_state"}
