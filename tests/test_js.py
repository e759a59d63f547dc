"""The client's own tests: everything in `tests/js`, run by node."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SUITE = ROOT / "tests" / "js"
SECONDS = 150
NEEDED = 20
"""The oldest node whose test runner and module hooks these tests use."""


def node_version(node: str) -> int:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout
    return int(said.strip().removeprefix("v").split(".")[0])


def node_or_skip() -> str:
    node = shutil.which("node")
    if node is None:
        pytest.skip("THE CLIENT'S TESTS DID NOT RUN: there is no `node` on PATH; install Node.js 20 or later")
    if node_version(node) < NEEDED:
        pytest.skip(f"THE CLIENT'S TESTS DID NOT RUN: `node` is older than {NEEDED}")
    return node


@pytest.mark.timeout(SECONDS + 20)
def test_the_client_passes_its_own_tests() -> None:
    node = node_or_skip()
    files = sorted(str(each) for each in SUITE.rglob("*.test.js"))
    assert files
    register = SUITE / "support" / "vendored.js"
    command = [node, "--import", register.as_uri(), "--test", *files]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ran.returncode == 0, f"{_failures(ran.stdout)}\n{ran.stderr}"


def _failures(said: str) -> str:
    """What the failed tests said; the runner's TAP begins each line of theirs with `not ok`."""
    failed, shown = False, []
    for line in said.splitlines():
        if line.lstrip().startswith(("not ok", "ok ")):
            failed = line.lstrip().startswith("not ok")
        if failed:
            shown.append(line)
    return "\n".join(shown) or said
