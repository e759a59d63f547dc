"""Registers the chat application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")

    def ready(self) -> None:
        from chat import receivers
        from chat.ops.cluster import admin  # noqa: F401 - registers its page

        receivers.connect()
