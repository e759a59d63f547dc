"""What users do with their own devices and preferences; login and passwords are django-allauth's."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from . import devices
from .models import Device, User
from .preferences import preferences_of


@never_cache
@require_safe
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """The form for language and theme."""
    choices = {"languages": User.Language.choices, "themes": User.Theme.choices}
    return render(request, "accounts/preferences.html", {**choices, "chosen": preferences_of(request)})


@login_required
@require_POST
def rename(request: HttpRequest, uuid: UUID) -> HttpResponse:
    devices.rename_device(_own_device(request, uuid), request.POST.get("name", ""))
    return redirect("devices")


@login_required
@require_POST
def revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    devices.revoke_device(request.user, _own_device(request, uuid))
    return redirect("devices")


@login_required
@require_POST
def revoke_others(request: HttpRequest) -> HttpResponse:
    session_key = request.session.session_key or ""
    own = Device.objects.filter(user=request.user, session_key=session_key)
    devices.revoke_other_devices(request.user, keep=own.values_list("uuid", flat=True), keep_session=session_key)
    return redirect("devices")


def _own_device(request: HttpRequest, uuid: UUID) -> Device:
    return get_object_or_404(Device.objects.live(), user=request.user, uuid=uuid)
