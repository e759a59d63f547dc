"""Gives a conversation a long past: rows made by the database itself, a million in some seconds."""

from django.db import connection

from chat.models import Conversation, Membership

UNREAD = 20
"""The same for every conversation, however long."""

LONG_AGO = "2026-01-01 00:00:00"

_COLUMNS = """conversation_id, seq, changed_seq, kind, sender_id, client_id, text, html, reactions, attachments, at,
    deleted"""
_ROWS = """
INSERT INTO chat_message ({columns})
WITH RECURSIVE number(i) AS (SELECT %s UNION ALL SELECT i + 1 FROM number WHERE i < %s)
SELECT {conversation}, i, i, 'text', {senders}, {uuid}, 'Message ' || i || ' of a long conversation, as people write.',
    '', {map}, {list}, {at}, {no} FROM number
"""
_SPELLING = {
    "sqlite": {"uuid": "lower(hex(randomblob(16)))", "map": "'{}'", "list": "'[]'", "at": f"'{LONG_AGO}'", "no": "0"},
    "postgresql": {
        "uuid": "gen_random_uuid()",
        "map": "'{}'::jsonb",
        "list": "'[]'::jsonb",
        "at": f"timestamptz '{LONG_AGO}+00'",
        "no": "false",
    },
}


def add_past(conversation_id: int, messages: int) -> None:
    """Fill the conversation up to `messages`, from all members in turn; each has read all but the last UNREAD."""
    conversation = Conversation.objects.get(pk=conversation_id)
    members = Membership.objects.filter(conversation=conversation).values_list("user_id", flat=True)
    turns = " ".join(f"WHEN {turn} THEN {int(user)}" for turn, user in enumerate(members))
    sql = _ROWS.format(
        columns=_COLUMNS,
        conversation=int(conversation_id),
        senders=f"CASE i % {len(members)} {turns} END",
        **_SPELLING[connection.vendor],
    )
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("% ", "%% "), [conversation.head + 1, messages])
    Conversation.objects.filter(pk=conversation_id).update(head=messages)
    Membership.objects.filter(conversation=conversation).update(read_seq=messages - UNREAD)
