"""What staff do in conversations and sessions of others; each with its entry in the audit log.

Whether they may is asked in the writing transaction: their login, that they are active staff, and the permission.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.audit import Actor, record
from accounts.models import AuditEntry, User
from chat.actions.assistant import tell_stopped
from chat.actions.services import Services
from chat.fanout.messages import UserEvent
from chat.log import changes
from chat.log.fence import require_access, require_permission
from chat.log.outcome import Appended
from chat.models import ChatSession
from chat.wire.errors import ChatError, ErrorCode

INSPECT_PERMISSION = "chat.view_chatsession"
SESSION_PERMISSION = "chat.change_chatsession"
What = AuditEntry.What


async def remove_message(services: Services, by: Actor, *, conversation: int, seq: int) -> Appended:
    """Leave a tombstone in place of anybody's message, on every device.

    Raises FORBIDDEN without the permission "chat.delete_message", NOT_FOUND, CONFLICT for what the system says.
    """
    return await services.log.append(changes.Moderate(conversation, by.user_id, seq, by, access=by.access))


async def halt_turn(services: Services, by: Actor, *, conversation: int, turn: UUID) -> None:
    """End an answer that is being given. Raises FORBIDDEN without "chat.change_turn", NOT_FOUND, CONFLICT."""
    attempt, heard = services.fanout.heard(conversation, turn)
    halt = changes.Halt(conversation, by.user_id, turn, attempt, heard, by=by, access=by.access)
    stopped = await services.log.append(halt)
    tell_stopped(services, stopped, conversation=conversation, turn=turn, attempt=attempt)


async def inspect_session(services: Services, by: Actor, *, user_id: int) -> dict[str, Any]:
    """All that is kept of a user's session, as `SessionService.inspect` tells it, also what others wrote to the user.

    Raises FORBIDDEN without "chat.view_chatsession", NOT_FOUND.
    """
    await services.database.write(_noted, by, What.SESSION_INSPECTED, user_id, INSPECT_PERMISSION)
    return await services.sessions.inspect(user_id)


async def rebuild_session(services: Services, by: Actor, *, user_id: int) -> dict[str, Any]:
    """Replace a user's checkpoint by what SQL says; what `SessionService.inspect` says of the result.

    Raises FORBIDDEN without "chat.change_chatsession", NOT_FOUND.
    """
    await services.database.write(_noted, by, What.SESSION_REBUILT, user_id)
    return await services.sessions.rebuild(user_id)


async def clear_session(services: Services, by: Actor, *, user_id: int) -> None:
    """Have a user's next connection begin a new session; messages, drafts and read positions stay.

    Raises FORBIDDEN without "chat.change_chatsession", NOT_FOUND.
    """
    clear = ChatSession.objects.filter(user_id=user_id).delete
    await services.database.write(_noted, by, What.SESSION_CLEARED, user_id, SESSION_PERMISSION, clear)
    await services.sessions.clear(user_id)


async def disconnect_devices(services: Services, by: Actor, *, user_id: int) -> None:
    """Close a user's sockets on every node; devices that may come back do so.

    Raises FORBIDDEN without "chat.change_chatsession", NOT_FOUND.
    """
    await services.database.write(_noted, by, What.DISCONNECTED, user_id)
    services.fanout.user_event(user_id, UserEvent.DISCONNECT)


def _noted(
    by: Actor,
    what: AuditEntry.What,
    user_id: int,
    permission: str = SESSION_PERMISSION,
    act: Callable[[], Any] | None = None,
) -> None:
    """The entry and, in its transaction, what of the act is in SQL."""
    with transaction.atomic():
        require_access(by.access)
        require_permission(by.user_id, permission)
        user = User.objects.filter(pk=user_id).first()
        if user is None:
            raise ChatError(ErrorCode.NOT_FOUND, "There is no such user.")
        if act is not None:
            act()
        record(by, what, user)
