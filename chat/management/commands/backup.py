"""`manage.py backup [FILE]`: everything that a site needs to come back, in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.ops.backup.archive import sizes_in_words
from chat.ops.backup.making import default_file, make_backup, verify_backup
from chat.ops.backup.manifest import Manifest
from chat.ops.one_sentence import one_sentence


class Command(BaseCommand):
    help = "Copy database and settings (without secrets) into one file, while nodes run; or check such a file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="default: a new name in var/backups")
        parser.add_argument("--verify", action="store_true", help="check FILE instead, without restoring it")
        parser.add_argument("--force", action="store_true", help="replace FILE where it exists")

    def handle(self, *_: Any, **options: Any) -> None:
        file: Path | None = options["file"]
        if options["verify"] and file is None:
            raise CommandError("--verify needs the file to check.")
        with one_sentence("No file was written."):
            if options["verify"]:
                self._say(file, verify_backup(file), "is whole")
            else:
                file = file or default_file()
                self._say(file, make_backup(file, overwrite=options["force"]), "written")

    def _say(self, file: Path | None, told: Manifest, what: str) -> None:
        rows = f"{told.rows['accounts_user']} users, {told.rows['chat_message']} messages"
        self.stdout.write(f"{file} {what}: {told.engine} of {told.made_at}, {rows}, {sizes_in_words(told.members)}")
