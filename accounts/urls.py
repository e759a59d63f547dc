"""The doors to one's devices and preferences, beside those of django-allauth."""

from django.urls import path

from . import views

urlpatterns = [
    path("preferences/", views.preferences, name="account_preferences"),
    path("devices/revoke-others/", views.revoke_others, name="revoke_other_devices"),
    path("devices/<uuid:uuid>/rename/", views.rename, name="rename_device"),
    path("devices/<uuid:uuid>/revoke/", views.revoke, name="revoke_device"),
]
