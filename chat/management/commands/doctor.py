"""`manage.py doctor`: what is missing, and how to mend it."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any, ClassVar

from django.core.management.base import BaseCommand

from chat.ops.doctor import Finding, Status, examine, has_failed
from distchat_site.settings_table import as_markdown

MARKS = {Status.OK: "ok  ", Status.WARN: "warn", Status.FAIL: "FAIL"}


class Command(BaseCommand):
    help = "Examine Python, database, Redis, keys, ports and static files; exit code 1 when something must be mended."
    requires_system_checks: ClassVar[list[str]] = []  # the doctor comes when the checks fail

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines: a list of name, status, detail, fix")
        parser.add_argument("--show-settings", action="store_true", help="print the table of all settings instead")

    def handle(self, *_: Any, **options: Any) -> None:
        if options["show_settings"]:
            self.stdout.write(as_markdown())
            return
        findings = examine()
        self.stdout.write(_as_json(findings) if options["json"] else "\n".join(map(_line, findings)))
        if has_failed(findings):
            sys.exit(1)


def _as_json(findings: list[Finding]) -> str:
    return json.dumps([asdict(finding) for finding in findings], indent=2)


def _line(finding: Finding) -> str:
    fix = f"\n       → {finding.fix}" if finding.fix else ""
    return f"{MARKS[finding.status]}   {finding.name}: {finding.detail}{fix}"
