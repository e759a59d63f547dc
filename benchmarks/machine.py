"""Where the figures come from: without machine, versions and commit a figure means nothing."""

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from chat.ops.redis_program import find_redis
from chat.ops.redis_server import VAR

PROJECT = Path(__file__).resolve().parent.parent
PACKAGES = (
    *("daphne", "twisted", "autobahn", "django", "channels", "channels_redis", "orjson", "pydantic", "psycopg"),
    *("redis", "langgraph", "langgraph-checkpoint-redis"),
)


def describe_machine() -> dict[str, Any]:
    return {
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {"redis-server": _redis_version(), **{name: version(name) for name in PACKAGES}},
        "commit": _commit(),
    }


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _redis_version() -> str:
    program = find_redis(VAR)
    command = [str(program.server), "--version"]
    said = subprocess.run(command, env=program.environment(), capture_output=True, text=True, check=True, timeout=10)
    found = re.search(r"v=(\S+)", said.stdout)
    return found[1] if found else "unknown"


def _commit() -> str:
    """The commit, with a plus where files differ from it; "unknown" outside of git."""
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        return commit + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(PROJECT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()
