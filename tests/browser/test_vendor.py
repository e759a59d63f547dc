"""The program from elsewhere that these tests carry is the one that the lock names."""

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).parent / "vendor"


def test_every_vendored_program_is_locked_unchanged_and_licensed():
    locked = json.loads((VENDOR / "LOCK.json").read_text())["files"]

    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in VENDOR.glob("*.js")}

    assert found == {each["file"]: each["sha256"] for each in locked}
    assert all((VENDOR / each["licence_file"]).read_text().strip() for each in locked)
