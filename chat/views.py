"""The pages: what a logged-in user sees without a socket."""

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Device

from .queries import conversations_of

CONVERSATIONS_SHOWN = 100
JUST_NOW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device as the page shows it."""

    device: Device
    is_this_one: bool
    was_seen_just_now: bool


@never_cache
@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Who you are, your conversations and your devices, in a fixed number of queries."""
    conversations = conversations_of(request.user.pk)[:CONVERSATIONS_SHOWN]
    return render(request, "chat/home.html", {"conversations": conversations, "devices": _devices_of(request)})


def _devices_of(request: HttpRequest) -> list[DeviceRow]:
    """The live devices, this browser's first, then the latest seen."""
    session_key, since = request.session.session_key, timezone.now() - JUST_NOW
    devices = Device.objects.live().filter(user=request.user).order_by("-last_seen_at", "-pk")
    rows = [
        DeviceRow(device, device.session_key == session_key, bool(device.last_seen_at and device.last_seen_at > since))
        for device in devices
    ]
    return sorted(rows, key=lambda row: not row.is_this_one)
