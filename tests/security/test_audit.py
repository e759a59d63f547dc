"""The audit of dependencies in continuous integration: every lock is asked about, and silence is no yes."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-models.txt"]


def audit(folder: Path, said: str, code: int) -> subprocess.CompletedProcess[str]:
    """Run it with a pip-audit that says this and ends so."""
    program = folder / "bin" / "pip-audit"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho \"$@\" >>{folder}/asked\necho '{said}'\nexit {code}\n")
    program.chmod(0o755)
    return subprocess.run(
        [ROOT / ".ci" / "audit"],
        env={**os.environ, "AUDIT_VENV": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_every_lock_is_audited_with_its_hashes(tmp_path: Path):
    done = audit(tmp_path, "No known vulnerabilities found", 0)
    asked = (tmp_path / "asked").read_text().splitlines()

    assert done.returncode == 0
    assert [line.rpartition(" ")[2] for line in asked] == LOCKS
    assert all("--require-hashes" in line for line in asked)
    assert "NOT AUDITED" not in done.stdout


def test_a_known_weakness_fails_the_build(tmp_path: Path):
    done = audit(tmp_path, "Found 1 known vulnerability in 1 package", 1)
    assert done.returncode == 1


@pytest.mark.parametrize("code", [1, 2, 124])
def test_the_audit_says_loudly_when_it_was_skipped(tmp_path: Path, code: int):
    done = audit(tmp_path, "ConnectionError: Max retries exceeded", code)
    assert done.returncode == 0
    assert (
        "# DEPENDENCIES WERE NOT AUDITED: the service did not answer for requirements.txt: ConnectionError: "
        in done.stdout
    )


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_locked_by_hash(lock: str):
    text = (ROOT / lock).read_text().replace("\\\n", "")
    wanted = [line for line in text.splitlines() if re.match(r"[a-zA-Z0-9]", line)]
    assert wanted
    assert [line for line in wanted if "==" not in line or "--hash=sha256:" not in line] == []


def test_it_is_a_step_of_continuous_integration():
    assert "\n.ci/audit\n" in (ROOT / ".ci" / "run").read_text()
