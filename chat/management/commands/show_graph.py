"""`manage.py show_graph`: the steps of one turn of the assistant, as the program itself sees them."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.assistant.graph import picture


class Command(BaseCommand):
    help = "Print the graph of an answer of the assistant as a Mermaid diagram."

    def handle(self, *_: Any, **__: Any) -> None:
        self.stdout.write(picture())
