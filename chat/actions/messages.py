"""What can be done with a message: post, edit, delete, react.

`access` is the login by which it is done, checked in the writing transaction; None for the server's own doing.
"""

from uuid import UUID

from accounts.access import Access
from chat.actions.services import Services
from chat.log import changes
from chat.log.outcome import Appended
from chat.session.acts import Posted
from chat.wire.markdown import render


async def post_message(
    services: Services,
    user_id: int,
    *,
    conversation: int,
    client_id: UUID,
    text: str,
    reply_to: int | None = None,
    access: Access | None = None,
) -> Appended:
    """Say something; the same `client_id` again gives the same place. Raises ChatError."""
    change = changes.Post(conversation, user_id, client_id, text, render(text), reply_to, access=access)
    appended = await services.log.append(change)
    if not appended.duplicate:
        services.sessions.note(user_id, Posted(appended.message_id, conversation, appended.seq, appended.at, text))
    return appended


async def edit_message(
    services: Services, user_id: int, *, conversation: int, seq: int, text: str, access: Access | None = None
) -> Appended:
    """Give one's own message another text. Raises ChatError."""
    return await services.log.append(changes.Edit(conversation, user_id, seq, text, render(text), access=access))


async def delete_message(
    services: Services, user_id: int, *, conversation: int, seq: int, access: Access | None = None
) -> Appended:
    """Leave a tombstone in place of a message. Raises ChatError."""
    return await services.log.append(changes.Delete(conversation, user_id, seq, access=access))


async def react_to_message(
    services: Services,
    user_id: int,
    *,
    conversation: int,
    seq: int,
    emoji: str,
    on: bool,
    access: Access | None = None,
) -> Appended:
    """Add one's emoji to a message or take it back. Raises ChatError."""
    return await services.log.append(changes.React(conversation, user_id, seq, emoji, on, access=access))
