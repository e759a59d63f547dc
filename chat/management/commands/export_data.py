"""`manage.py export_data FILE`: people and conversations as lines of JSON."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from chat.ops.moving.exporting import choice_of, export_to_file
from chat.ops.one_sentence import one_sentence


class Command(BaseCommand):
    help = "Write people (without passwords) and conversations to FILE as lines of JSON, while nodes run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a new file")
        chosen = parser.add_mutually_exclusive_group()
        chosen.add_argument("--conversation", type=int, nargs="+", metavar="N", default=[], help="only these")
        chosen.add_argument("--user", metavar="NAME", help="what this user is a member of, for this user to keep")
        parser.add_argument("--force", action="store_true", help="replace FILE where it exists")

    def handle(self, *_: Any, **options: Any) -> None:
        file: Path = options["file"]
        with one_sentence("No file was written."):
            choice = choice_of(options["conversation"], options["user"])
            counts = export_to_file(file, choice, overwrite=options["force"])
        self.stdout.write(f"{file} written: {', '.join(f'{number} {what}' for what, number in counts.items())}.")
