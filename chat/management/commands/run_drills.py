"""`manage.py run_drills`: kill, freeze and cut what a site stands on, and see that every promise holds."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.demo.language import TABLES, language_of_locale
from chat.drills.run import Options, run_drills
from chat.drills.table import NAMES, drill_named
from chat.drills.telling import DrillStory


class Command(BaseCommand):
    help = (
        "Play fault drills on nodes, a database and a Redis of their own. Without names all of them, in their short"
        " form; --full adds the whole load, the strict limits and the controls. Exit code: 0 all passed, 1 something"
        " failed, 2 could not begin."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="drills to play; see --list")
        parser.add_argument("--list", action="store_true", help="say what there is, and play nothing")
        parser.add_argument("--full", action="store_true", help="the whole load, strict limits, and the controls")
        parser.add_argument("--report", type=Path, metavar="DIR", help="write report.md, report.json and pictures here")
        parser.add_argument("--language", choices=list(TABLES), help="the default is that of the locale")

    def handle(self, *_: Any, **given: Any) -> None:
        unknown = [name for name in given["names"] if name not in NAMES]
        if unknown:
            raise CommandError(f"There is no drill {', '.join(unknown)}. Next: `manage.py run_drills --list`.")
        language = given["language"] or language_of_locale()
        drills = [drill_named(name) for name in given["names"] or NAMES]
        if given["list"]:
            story = DrillStory(sys.stdout, language)
            for drill in drills:
                story.line("list_line", name=drill.name, happens=story.sentence(drill.happens))
            return
        words = " ".join([*given["names"], *(["--full"] if given["full"] else [])])
        command = f"manage.py run_drills {words}".strip()
        code = run_drills(Options(drills, command, language, is_full=given["full"], report=given["report"]), sys.stdout)
        if code:
            sys.exit(code)
