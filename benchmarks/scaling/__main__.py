"""`python -m benchmarks.scaling`: the model beside what was measured, then larger sites; `--calibrate`."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

POSTGRES = "--of-postgres"


def _prepare(database: str) -> None:
    """As in production: DEBUG keeps every query."""
    production = {
        "DEBUG": "false",
        "SECRET_KEY": "of-a-calibration-that-lives-for-half-a-minute-only",
        "ALLOWED_HOSTS": "127.0.0.1",
    }
    os.environ |= {"DJANGO_SETTINGS_MODULE": "distchat_site.settings", "DATABASE_URL": database, **production}
    import django

    django.setup()


def _calibrate() -> None:
    with tempfile.TemporaryDirectory(prefix="distchat-scaling-") as directory:
        _prepare(f"sqlite:///{directory}/distchat.sqlite3")
        from benchmarks.scaling import calibration, constants, measured
        from chat.ops.postgres_server import PostgresServer

        found = calibration.measure(Path(directory))
        with PostgresServer() as server:
            told = subprocess.check_output([sys.executable, "-m", __spec__.name, POSTGRES, server.url, str(server.pid)])
        found += [constants.Constant(**row) for row in json.loads(told)]
        dispatch = measured.dispatch_us(constants.Constants(found))
        found.append(constants.Constant("dispatch", dispatch, "µs", measured.DISPATCH_SOURCE))
        constants.store(found)


def _of_postgres(url: str, pid: str) -> None:
    _prepare(url)
    from benchmarks.scaling import calibration_engines

    print(json.dumps([asdict(each) for each in calibration_engines.measure_postgres(int(pid))]))


def main() -> int:
    if sys.argv[1:2] == [POSTGRES]:
        _of_postgres(*sys.argv[2:4])
        return 0
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument(
        "--calibrate", action="store_true", help="measure the constants on this machine first, half a minute"
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; 1 when docs/scaling.md or its charts are stale"
    )
    asked = parser.parse_args()
    if asked.calibrate:
        _calibrate()
    else:
        _prepare("sqlite://:memory:")
    from benchmarks.scaling import page

    return page.main(only_check=asked.check)


sys.exit(main())
