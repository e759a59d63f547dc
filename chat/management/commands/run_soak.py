"""`manage.py run_soak`: half of the load that a site can take, with faults by chance, for as long as one likes."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.demo.language import TABLES, language_of_locale
from chat.drills.run import Options, run_drills
from chat.drills.soak import soak


class Command(BaseCommand):
    help = (
        "Let people talk on nodes, a database and a Redis of their own for many minutes, with faults by chance, judge"
        " everything, and see that nothing grows. Exit code: 0 all is well, 1 something is not, 2 could not begin."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--minutes", type=float, default=30.0, help="how long (default 30)")
        parser.add_argument("--report", type=Path, metavar="DIR", help="write report.md, report.json and pictures here")
        parser.add_argument("--language", choices=list(TABLES), help="the default is that of the locale")

    def handle(self, *_: Any, **given: Any) -> None:
        minutes = given["minutes"]
        if not 0 < minutes <= 24 * 60:
            raise CommandError("--minutes is more than 0 and at most a day. Next: `manage.py run_soak --minutes 30`.")
        command = f"manage.py run_soak --minutes {minutes:g}"
        language = given["language"] or language_of_locale()
        options = Options([soak(minutes)], command, language, is_full=True, report=given["report"])
        if code := run_drills(options, sys.stdout):
            sys.exit(code)
