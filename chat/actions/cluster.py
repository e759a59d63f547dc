"""What staff ask of nodes, and tell everybody: allowed and audited here; `chat.ops.cluster` then carries it out."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.audit import Actor, Details, record
from accounts.models import AuditEntry
from chat.actions.services import Services
from chat.log.fence import require_access, require_permission
from chat.models import ClusterNode
from chat.wire.errors import ChatError, ErrorCode

ORDER_PERMISSION = "chat.change_clusternode"
ANNOUNCE_PERMISSION = "chat.announce_clusternode"
ANNOUNCEMENTS_PER_MINUTE = 3
"""Of all staff together: each goes to every device."""
ALL_NODES = "*"
What = AuditEntry.What


async def note_drain(services: Services, by: Actor, *, node: str) -> None:
    """Raises FORBIDDEN without "chat.change_clusternode"."""
    await services.database.write(_noted, by, ORDER_PERMISSION, What.NODE_DRAINED, node)


async def note_undrain(services: Services, by: Actor, *, node: str) -> None:
    """Raises FORBIDDEN without "chat.change_clusternode"."""
    await services.database.write(_noted, by, ORDER_PERMISSION, What.NODE_UNDRAINED, node)


async def note_announcement(
    services: Services, by: Actor, *, announcement: UUID, characters: int, minutes: int
) -> None:
    """Raises FORBIDDEN without "chat.announce_clusternode", RATE_LIMITED when too many were made."""
    details = {"id": str(announcement), "characters": characters, "minutes": minutes}
    await services.database.write(_noted, by, ANNOUNCE_PERMISSION, What.ANNOUNCED, ALL_NODES, details)


async def note_end_of_announcement(services: Services, by: Actor, *, announcement: UUID) -> None:
    """Raises FORBIDDEN without "chat.announce_clusternode"."""
    details = {"id": str(announcement)}
    await services.database.write(_noted, by, ANNOUNCE_PERMISSION, What.ANNOUNCEMENT_ENDED, ALL_NODES, details)


def _noted(by: Actor, permission: str, what: AuditEntry.What, node: str, details: Details | None = None) -> None:
    with transaction.atomic():
        require_access(by.access)
        require_permission(by.user_id, permission)
        if what is What.ANNOUNCED:
            _require_pause()
        record(by, what, ClusterNode(name=node), details=details)


def _require_pause() -> None:
    since = timezone.now() - timedelta(minutes=1)
    made = AuditEntry.objects.filter(at__gt=since, what=What.ANNOUNCED).order_by("at")
    times = list(made.values_list("at", flat=True)[:ANNOUNCEMENTS_PER_MINUTE])
    if len(times) == ANNOUNCEMENTS_PER_MINUTE:
        wait_ms = int((times[0] - since).total_seconds() * 1000) + 1
        raise ChatError(ErrorCode.RATE_LIMITED, "Too many announcements.", retry_after_ms=wait_ms)
