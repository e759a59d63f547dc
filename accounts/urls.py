"""The doors to one's devices, beside those of django-allauth."""

from django.urls import path

from . import views

urlpatterns = [
    path("devices/revoke-others/", views.revoke_others, name="revoke_other_devices"),
    path("devices/<uuid:uuid>/rename/", views.rename, name="rename_device"),
    path("devices/<uuid:uuid>/revoke/", views.revoke, name="revoke_device"),
]
