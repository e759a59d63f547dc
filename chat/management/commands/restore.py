"""`manage.py restore FILE`: the site as it was when the backup was taken."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from chat.ops.backup.restoring import restore_backup
from chat.ops.one_sentence import one_sentence


class Command(BaseCommand):
    help = "Check a backup and put it in place of the database; stop all nodes before. Devices recover by themselves."
    requires_system_checks = ()  # there may be no database yet

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what `manage.py backup` has written")
        parser.add_argument(
            "--force", action="store_true", help="lose what the database holds, and go on while others have it open"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        with one_sentence("The database is as it was, or wholly restored; restore again."):
            restored = restore_backup(options["file"], force=options["force"])
        rows = restored.told.rows
        self.stdout.write(
            f"Restored {rows['accounts_user']} users and {rows['chat_message']} messages of {restored.told.made_at};"
            f" every conversation begins the epoch {restored.epoch}."
        )
        if restored.forgotten is None:
            self.stdout.write("Redis did not answer: what it keeps is known to be out of date. Start the nodes.")
        elif settings.REDIS_URLS:
            self.stdout.write(f"{restored.forgotten} keys in Redis are forgotten. Start the nodes.")
        else:
            self.stdout.write("Start the nodes.")
