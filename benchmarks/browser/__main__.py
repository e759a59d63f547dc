"""`python -m benchmarks.browser`: the page in headless Chromium, and another client in turn where one is named."""

import argparse
import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "distchat_site.settings")
django.setup()

from benchmarks.browser.measuring import Found, measure_burst, measure_history  # noqa: E402  needs Django set up
from benchmarks.browser.stage import staged  # noqa: E402  needs Django set up


async def measure(options: argparse.Namespace) -> dict[str, Found]:
    """By client, the other one first."""
    clients = {"before": options.against, "now": None} if options.against else {"now": None}
    found = {name: Found() for name in clients}
    async with staged(options.messages) as stage:
        for _ in range(options.repeats):
            for name, client in clients.items():
                async with stage.page(client) as page:
                    await measure_history(stage, page, found[name], options.messages)
                if options.burst:
                    async with stage.page(client) as page:
                        pace = {"per_second": options.burst, "seconds": options.seconds}
                        await measure_burst(stage, page, found[name], **pace)
    return found


def as_table(found: dict[str, Found]) -> str:
    """Medians, in Markdown."""
    lines = [f"| median | {' | '.join(found)} |", f"| --- |{' ---: |' * len(found)}"]
    for name in next(iter(found.values())).figures:
        lines.append(f"| {name} | {' | '.join(f'{median(each.figures[name]):.1f}' for each in found.values())} |")
    return "\n".join(lines)


def main() -> int:
    """0 when every page showed what the log has."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=__doc__)
    parser.add_argument("--messages", type=int, default=2000, help="in the long conversation; default: %(default)s")
    parser.add_argument("--burst", type=int, default=500, help="messages a second, 0 for none; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=10.0, help="of the burst; default: %(default)s")
    parser.add_argument("--repeats", type=int, default=3, help="the middle one counts; default: %(default)s")
    parser.add_argument("--against", type=Path, help="another checkout, whose client is measured in turn with this one")
    parser.add_argument("--json", type=Path, help="a file for every single value")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    found = asyncio.run(measure(options))
    print(as_table(found))
    wrong = [f"{name}: {each}" for name, one in found.items() for each in one.wrong]
    print("\n".join(wrong) or "Every page showed what the log has.")
    if options.json:
        options.json.write_text(json.dumps({name: vars(each) for name, each in found.items()}, indent=1))
    return 1 if wrong else 0


sys.exit(main())
