"""`manage.py run_demo`: see real nodes, real Redis, real logins and real sockets keep every promise."""

import random
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chat.demo.language import TABLES, language_of_locale
from chat.demo.options import (
    ALL_SCENARIOS,
    CLIENTS,
    FEWEST_CLIENTS,
    FIRST_PORT,
    NODES,
    SIMPLE_SCENARIOS,
    Options,
    scenarios_named,
)
from chat.demo.run import run_demo

MOST_SEED = 999_999


class Command(BaseCommand):
    help = (
        "Start real nodes and clients and show that nothing is lost, doubled or reordered. The default takes half a"
        " minute, --scenario all about two. Exit code: 0 all passed, 1 something failed, 2 could not begin."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--scenario",
            nargs="+",
            choices=[*ALL_SCENARIOS, "all"],
            help="show one or several scenarios, or all; the default is consistency, recovery and devices",
        )
        parser.add_argument("--nodes", type=int, default=NODES, help=f"Daphne processes (default {NODES}, at least 2)")
        parser.add_argument(
            "--clients", type=int, default=CLIENTS, help=f"clients (default {CLIENTS}, at least {FEWEST_CLIENTS})"
        )
        parser.add_argument(
            "--base-port", default=str(FIRST_PORT), help=f"port of the first node (default {FIRST_PORT}), or auto"
        )
        parser.add_argument("--language", choices=list(TABLES), help="the default is that of the locale")
        parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers to this file")
        parser.add_argument("--seed", type=int, help="the same texts and choices again")
        parser.add_argument("--keep", action="store_true", help="leave the nodes running until Ctrl-C; print logins")
        parser.add_argument("--pause", action="store_true", help="with --keep: wait for Enter before the scenarios")
        parser.add_argument("--simple", action="store_true", help="one node, without Redis")

    def handle(self, *_: Any, **options: Any) -> None:
        code = run_demo(_options(options), sys.stdout)
        if code:
            sys.exit(code)


def _options(given: dict[str, Any]) -> Options:
    """Raises CommandError for what makes no sense together."""
    is_simple, names = given["simple"], given["scenario"] or []
    impossible = [name for name in names if is_simple and name not in ("all", *SIMPLE_SCENARIOS)]
    if impossible:
        raise CommandError(f"--simple cannot show {impossible[0]}: it has one node. Next: leave --simple out.")
    if not is_simple and given["nodes"] < 2:
        raise CommandError("--nodes must be at least 2. Next: for a single node use --simple.")
    if given["clients"] < FEWEST_CLIENTS:
        raise CommandError(f"--clients must be at least {FEWEST_CLIENTS}: two are cut, the others go on.")
    if given["pause"] and not given["keep"]:
        raise CommandError("--pause waits for people who watch, and only --keep lets them. Next: add --keep.")
    return Options(
        language=given["language"] or language_of_locale(),
        scenarios=scenarios_named(names, is_simple=is_simple),
        nodes=1 if is_simple else given["nodes"],
        clients=given["clients"],
        base_port=_base_port(given["base_port"]),
        seed=random.randint(1, MOST_SEED) if given["seed"] is None else given["seed"],
        keep=given["keep"],
        pause=given["pause"],
        is_simple=is_simple,
        json_path=given["json"],
    )


def _base_port(text: str) -> int | None:
    if text == "auto":
        return None
    if not text.isdecimal() or not 0 < int(text) < 65_500:
        raise CommandError(f"--base-port is a port or auto, not {text!r}.")
    return int(text)
