"""Sees to it that what is served is what the source says: collects the static files when they have changed."""

import os
import subprocess
import sys
from pathlib import Path

from django.apps import apps
from django.conf import settings

COLLECTED = "STATIC_COLLECTED"
COLLECT_SECONDS = 120


def collect() -> bool:
    """Bring STATIC_ROOT up to date; False where that cannot be, and the source has to be served instead."""
    if _is_fresh():
        return True
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    environment = {**os.environ, COLLECTED: "true"}
    try:
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, capture_output=True, timeout=COLLECT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _is_fresh() -> bool:
    """Whether everything was collected after the source, and the packages, last changed."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    try:
        collected_at = manifest.stat().st_mtime
    except OSError:
        return False
    return all(path.stat().st_mtime < collected_at for path in _sources())


def _sources() -> list[Path]:
    """Every static file and the folders that hold them, for a file may have gone."""
    roots = [Path(each.path) / "static" for each in apps.get_app_configs()]
    found = [path for root in roots if root.is_dir() for path in [root, *root.rglob("*")]]
    return [*found, Path(settings.BASE_DIR) / "distchat_site" / "static_files.py"]
