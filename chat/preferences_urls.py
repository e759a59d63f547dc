"""The doors to what a user chooses, beside the pages; scripts send JSON to them, forms send fields."""

from django.urls import path

from . import devices, preferences
from .assistant import choosing

urlpatterns = [
    path("devices/", devices.page, name="devices"),
    path("preferences", preferences.choose, name="preferences"),
    path("i18n/setlang/", preferences.choose, name="set_language"),
    path("conversations/<int:conversation>/mute", preferences.mute, name="mute_conversation"),
    path("conversations/<int:conversation>/assistant", choosing.choose, name="choose_assistant"),
    path("conversations/<int:conversation>/unread", preferences.unread, name="mark_unread"),
]
