"""`manage.py import_data FILE`: the people and conversations of an export."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from chat.ops.moving.importing import import_file
from chat.ops.one_sentence import one_sentence


class Command(BaseCommand):
    help = "Check all of FILE, then add its people and conversations to this site in one transaction."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what `manage.py export_data` has written")
        parser.add_argument(
            "--skip-existing", action="store_true", help="leave out conversations that are here already"
        )
        parser.add_argument("--dry-run", action="store_true", help="only check the file and say what would come")

    def handle(self, *_: Any, **options: Any) -> None:
        rehearsal: bool = options["dry_run"]
        with one_sentence("Nothing was imported."):
            got = import_file(options["file"], is_known_left_out=options["skip_existing"], is_rehearsal=rehearsal)
        known = got.users - got.new_users
        self.stdout.write(
            f"{'Would import' if rehearsal else 'Imported'} {got.conversations - got.known_conversations} of"
            f" {got.conversations} conversations; of {got.users} users {known} were here."
        )
        if got.new_users:
            self.stdout.write(
                "New users have no password: they ask for one by mail, or `manage.py changepassword NAME`."
            )
