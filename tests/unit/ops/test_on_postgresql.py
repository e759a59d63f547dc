import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
RUN_SECONDS = 900
FOLDERS = ("tests/unit", "tests/contracts")


@pytest.mark.timeout(RUN_SECONDS + 30)
def test_every_test_of_the_database_passes_on_postgresql_too(postgres_url: str):
    """The suite runs on SQLite; here its database tests run once more, with PostgreSQL as DATABASE_URL."""
    again = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", "database", *FOLDERS],
        env={**os.environ, "DATABASE_URL": postgres_url},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    assert again.returncode == 0, again.stdout[-20_000:] + again.stderr[-5_000:]
