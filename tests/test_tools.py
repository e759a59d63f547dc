"""The tools that read the code find nothing to say, so that they stay worth listening to."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOOLS = {
    "ruff": ("ruff", "check"),
    "ruff's format": ("ruff", "format", "--check"),
    "mypy": ("mypy", "--no-error-summary"),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tool_has_nothing_to_say(tool: str):
    module, *arguments = TOOLS[tool]
    run = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=170, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
