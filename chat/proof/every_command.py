"""Every command of the protocol that names a conversation."""

from typing import Any
from uuid import uuid4


def commands_about(conversation: int, user: int) -> list[dict[str, Any]]:
    """One of each; `user` is whom `remove` names, and message 2 is what is changed."""
    about = {"conversation": conversation}
    return [
        {"type": "post", "client_id": str(uuid4()), "text": "let me in", **about},
        {"type": "edit", "seq": 2, "text": "mine now", **about},
        {"type": "delete", "seq": 2, **about},
        {"type": "react", "seq": 2, "emoji": "👍", "on": True, **about},
        {"type": "read", "seq": 2, **about},
        {"type": "draft", "text": "let me in", **about},
        {"type": "typing", "on": True, **about},
        {"type": "open", **about},
        {"type": "history", **about},
        {"type": "history", "around": 2, **about},
        {"type": "rename", "title": "mine now", **about},
        {"type": "invite", "members": ["nobody"], **about},
        {"type": "leave", **about},
        {"type": "remove", "user": user, **about},
        {"type": "members", **about},
    ]
