"""`manage.py run_assistant`: a process that serves nobody and only runs the assistant's turns."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from chat.ops.worker import work


class Command(BaseCommand):
    help = "Run the assistant's turns in a process of its own; set ASSISTANT_RUNS=workers for the nodes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--name", default="assistant_1", help="what this worker calls itself (default: assistant_1)"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        asyncio.run(work(options["name"]))
