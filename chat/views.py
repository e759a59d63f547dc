"""The pages: what a logged-in user sees without a socket."""

from collections.abc import Sequence
from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import Device, User

from .models import Membership, Message

CONVERSATIONS_SHOWN = 100
MEMBERS_SHOWN = 6
JUST_NOW = timedelta(minutes=2)
UNREAD_LOOKED_AT = 1000
"""Unread messages are counted among so many latest positions: the cost must not grow with the history."""


@never_cache
@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Who you are, your conversations and your devices, in a fixed number of queries."""
    return render(
        request,
        "chat/home.html",
        {"memberships": conversations_of(request.user), "devices": _devices_of(request)},
    )


def conversations_of(user: User) -> Sequence[Membership]:
    """The user's memberships, latest first, each with `unread`, its conversation and up to 6 of its members."""
    members = Membership.objects.filter(left_at=None).select_related("user").order_by("pk")[:MEMBERS_SHOWN]
    return (
        Membership.objects.filter(user=user, left_at=None)
        .select_related("conversation")
        .annotate(unread=Coalesce(Subquery(_unread_of(user)), 0))
        .prefetch_related(Prefetch("conversation__memberships", queryset=members, to_attr="first_members"))
        .order_by("-updated_at", "-pk")[:CONVERSATIONS_SHOWN]
    )


def _unread_of(user: User) -> object:
    since = Greatest(OuterRef("read_seq"), OuterRef("conversation__head") - UNREAD_LOOKED_AT)
    return (
        Message.objects.filter(conversation=OuterRef("conversation"), seq__gt=since, deleted=False)
        .exclude(sender=user)
        .order_by()
        .values("conversation")
        .annotate(count=Count("*"))
        .values("count")
    )


def _devices_of(request: HttpRequest) -> list[Device]:
    just_now = timezone.now() - JUST_NOW
    devices = list(Device.objects.live().filter(user=request.user).order_by("-last_seen_at", "-pk"))
    for device in devices:
        device.is_this_one = device.session_key == request.session.session_key
        device.was_seen_just_now = device.last_seen_at is not None and device.last_seen_at > just_now
    return sorted(devices, key=lambda device: not device.is_this_one)
