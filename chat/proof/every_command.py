"""Every command of the wire, from its classes, each with an example about a conversation."""

from typing import Any, get_args
from uuid import uuid4

from chat.wire.commands import Command

COMMANDS: dict[str, type] = {command.model_fields["type"].default: command for command in get_args(Command)}

EXAMPLES: dict[str, dict[str, Any]] = {
    "hello": {"device": "6ba7b810-9dad-41d1-80b4-00c04fd430c8"},
    "post": {"text": "let me in"},
    "edit": {"seq": 2, "text": "mine now"},
    "delete": {"seq": 2},
    "react": {"seq": 2, "emoji": "👍", "on": True},
    "read": {"seq": 2},
    "draft": {"text": "let me in"},
    "typing": {"on": True},
    "open": {},
    "history": {},
    "create": {"kind": "group", "title": "a new one"},
    "rename": {"title": "mine now"},
    "invite": {},
    "leave": {},
    "remove": {},
    "members": {},
    "stop": {"turn": "6ba7b811-9dad-41d1-80b4-00c04fd430c8"},
    "regenerate": {"seq": 2},
    "ack": {},
    "ping": {},
}
"""A new command without a row here fails the tests: what a stranger may do with it has to be said."""


def example(kind: str, conversation: int, *, user: int, username: str) -> dict[str, Any]:
    """The command of this type about a conversation; `user` and `username` are of somebody whom it may concern."""
    fields = COMMANDS[kind].model_fields
    named: dict[str, Any] = {
        "conversation": conversation,
        "client_id": str(uuid4()),
        "user": user,
        "members": [username],
        "cursors": {} if kind == "hello" else {str(conversation): 2},
    }
    needed = {name: value for name, value in named.items() if name in fields}
    return {"type": kind, **needed, **EXAMPLES[kind]}


def about_conversations() -> list[str]:
    """The types of the commands that name a conversation."""
    return [kind for kind, command in COMMANDS.items() if "conversation" in command.model_fields]


def commands_about(conversation: int, user: int) -> list[dict[str, Any]]:
    """One of each command that names a conversation; `user` is whom `remove` names, message 2 is what is changed."""
    named = [example(kind, conversation, user=user, username="nobody") for kind in about_conversations()]
    return [*named, {"type": "history", "around": 2, "conversation": conversation}]
