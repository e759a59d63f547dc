"""The page on which users see from where they are logged in, and throw out what is not theirs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Device
from accounts.user_agent import Browser, browser_of
from chat.asking import ask_node
from chat.node import Node
from chat.wire.errors import ChatError

JUST_NOW = timedelta(minutes=2)
PRESENCE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device as the page shows it; `node` is where it is online now, "" when it is not."""

    device: Device
    browser: Browser
    node: str
    is_this_one: bool
    was_seen_just_now: bool


@never_cache
@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Every live device of the user, in a fixed number of queries: this one first, then those online, then the rest."""
    agents = dict(UserSession.objects.filter(user_id=request.user.pk).values_list("session_key", "user_agent"))
    rows = _rows(request, agents)
    has_others = any(not row.is_this_one for row in rows) or not agents.keys() <= {request.session.session_key}
    return render(request, "accounts/devices.html", {"rows": rows, "has_others": has_others})


def _rows(request: HttpRequest, agents: Mapping[str, str]) -> list[DeviceRow]:
    user_id, session_key, since = request.user.pk, request.session.session_key, timezone.now() - JUST_NOW
    nodes = _nodes_of(user_id)
    devices = Device.objects.live().filter(user_id=user_id).order_by("-last_seen_at", "-pk")
    rows = [
        DeviceRow(
            device,
            browser_of(agents.get(device.session_key, "")),
            nodes.get(str(device.uuid), ""),
            device.session_key == session_key,
            bool(device.last_seen_at and device.last_seen_at > since),
        )
        for device in devices
    ]
    return sorted(rows, key=lambda row: (not row.is_this_one, not row.node))


def _nodes_of(user_id: int) -> dict[str, str]:
    """Device to node, for the devices that are online anywhere; none when presence cannot be asked."""

    async def ask(node: Node) -> dict[str, str]:
        return await node.presence.devices_online(user_id)

    try:
        return ask_node(ask, seconds=PRESENCE_SECONDS)
    except ChatError:
        return {}
