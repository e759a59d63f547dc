"""Whose access has ended writes nothing more: asked in the writing transaction itself, and remembered by the writer."""

from collections import OrderedDict
from collections.abc import Collection

from accounts.access import Access, still_allowed
from accounts.models import User
from chat.log import sql
from chat.wire.errors import ChatError, ErrorCode

REMEMBERED_ACCESSES = 20_000
NEVER_HELD = -1


class AccessEnded(ChatError):
    """The session, token, device or user in whose name something was to be written is out; a new login may send it."""

    def __init__(self) -> None:
        super().__init__(ErrorCode.NOT_READY, "This login has ended; log in again.")


class AccessMemory:
    """Keeps which accesses held at which `access_version` of their user; right as long as that has not moved.

    Owned by the writer thread. The versions are read in the writing transaction, under a lock that whoever ends an
    access waits for: what is written is written before that end, or not at all.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[Access, int] = OrderedDict()

    def ended(self, accesses: Collection[Access]) -> set[Access]:
        """Those that hold no longer. To be asked first in a transaction: users are locked before conversations."""
        if not accesses:
            return set()
        versions = sql.lock_access_versions({access.user_id for access in accesses})
        unsure = [each for each in accesses if self._held.get(each, NEVER_HELD) != versions.get(each.user_id)]
        return self._look_again(unsure, versions) if unsure else set()

    def _look_again(self, unsure: list[Access], versions: dict[int, int]) -> set[Access]:
        allowed = still_allowed(unsure)
        for access in unsure:
            self._held.pop(access, None)
            if access in allowed:
                self._held[access] = versions[access.user_id]
        while len(self._held) > REMEMBERED_ACCESSES:
            self._held.popitem(last=False)
        return set(unsure) - allowed


def require_access(access: Access | None) -> None:
    """To be asked first in a transaction that writes in the name of `access` (None: of the server itself).

    Raises AccessEnded.
    """
    if access is not None and AccessMemory().ended([access]):
        raise AccessEnded


def require_permission(user: int, permission: str) -> None:
    """To be asked in a transaction that writes as staff. Raises FORBIDDEN for all but active staff with this right."""
    row = User.objects.filter(pk=user, is_active=True, is_staff=True).first()
    if row is None or not row.has_perm(permission):
        raise ChatError(ErrorCode.FORBIDDEN, "Only staff with this permission may do this.")
