"""What can be done with a conversation: begin it, rename it, and change who is in it.

`access` is the login by which it is done, checked in the writing transaction; None for the server's own doing.
"""

from collections.abc import Sequence

from accounts.access import Access
from chat.actions.services import Services
from chat.fanout.messages import UserEvent
from chat.log import changes
from chat.log.creating import Created, create_direct, create_group
from chat.log.outcome import Appended
from chat.queries import users_named
from chat.wire.errors import ChatError, ErrorCode


async def create_conversation(
    services: Services,
    user_id: int,
    *,
    kind: str,
    title: str | None,
    usernames: Sequence[str],
    access: Access | None = None,
) -> Created:
    """Begin a conversation, or find the direct one that is there. Raises ChatError."""
    others = await services.database.read(users_named, usernames)
    created = await _create(services, user_id, kind, title, others, access)
    if created.is_new:
        for member in {user_id, *others}:
            services.fanout.user_event(member, UserEvent.JOINED, created.conversation)
    return created


async def rename_conversation(
    services: Services, user_id: int, *, conversation: int, title: str, access: Access | None = None
) -> Appended:
    """Give a group another title. Raises ChatError."""
    return await services.log.append(changes.Rename(conversation, user_id, title, access=access))


async def invite_members(
    services: Services,
    user_id: int,
    *,
    conversation: int,
    usernames: Sequence[str],
    access: Access | None = None,
) -> list[Appended]:
    """Bring users into a group, all that are not in it yet. Raises ChatError, CONFLICT when all of them are."""
    invited = await services.database.read(users_named, usernames)
    results = [await _invite(services, changes.Invite(conversation, user_id, each, access=access)) for each in invited]
    joined = [result for result in results if isinstance(result, Appended)]
    if not joined:
        raise ChatError(ErrorCode.CONFLICT, "They are members already.")
    return joined


async def leave_conversation(
    services: Services, user_id: int, *, conversation: int, access: Access | None = None
) -> Appended:
    """Go out of a group. Raises ChatError."""
    left = await services.log.append(changes.Leave(conversation, user_id, access=access))
    services.fanout.user_event(user_id, UserEvent.LEFT, conversation)
    return left


async def remove_member(
    services: Services, user_id: int, *, conversation: int, removed: int, access: Access | None = None
) -> Appended:
    """Put another user out of a group. Raises ChatError."""
    gone = await services.log.append(changes.Remove(conversation, user_id, removed, access=access))
    services.fanout.user_event(removed, UserEvent.LEFT, conversation)
    return gone


async def _create(
    services: Services, user_id: int, kind: str, title: str | None, others: Sequence[int], access: Access | None
) -> Created:
    if kind == "group":
        return await services.database.write(create_group, user_id, title or "", others, access)
    if list(others) == [user_id]:
        raise ChatError(ErrorCode.CONFLICT, "A direct conversation needs someone else.")
    return await services.database.write(create_direct, user_id, others[0], access)


async def _invite(services: Services, invite: changes.Invite) -> Appended | None:
    try:
        joined = await services.log.append(invite)
    except ChatError as error:
        if error.code is ErrorCode.CONFLICT:
            return None
        raise
    services.fanout.user_event(invite.invited, UserEvent.JOINED, invite.conversation)
    return joined
