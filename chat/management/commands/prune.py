"""`manage.py prune`: messages that are too old to be kept become tombstones, and what nobody needs goes."""

from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chat.ops.one_sentence import one_sentence
from chat.ops.retention import prune

MOST_DAYS = 36_500


class Command(BaseCommand):
    help = "Let go of messages older than RETENTION_DAYS, ended turns, used sessions; safe beside running nodes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, help="instead of RETENTION_DAYS; 0: messages stay for ever")
        parser.add_argument("--dry-run", action="store_true", help="only say how much it would be")

    def handle(self, *_: Any, **options: Any) -> None:
        days = settings.RETENTION_DAYS if options["days"] is None else options["days"]
        if not 0 <= days <= MOST_DAYS:
            raise CommandError(f"Days are a number from 0 to {MOST_DAYS}, not {days}.")
        with one_sentence("What was let go is gone; prune again for the rest."):
            pruned = asdict(prune(days, is_rehearsal=options["dry_run"]))
        said = ", ".join(f"{number} {what.replace('_', ' ')}" for what, number in pruned.items())
        self.stdout.write(f"{'Would let go' if options['dry_run'] else 'Let go'}: {said}.")
