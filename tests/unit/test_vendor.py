"""The vendored packages of the client are what LOCK.json says, and no more than the page may load."""

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

STATIC = Path(__file__).parents[2] / "chat" / "static" / "chat"
VENDOR = STATIC / "vendor"
FILES: list[dict[str, Any]] = json.loads((VENDOR / "LOCK.json").read_text(encoding="utf-8"))["files"]
LICENCES = {"MIT", "ISC", "Apache-2.0"}
PACKAGE_BYTES = 20_000
IMPORTS = (
    re.compile(r"""(?:^|[;}\s])(?:import|export)\b[^'";]*?\bfrom\s*["']([^"']+)["']"""),
    re.compile(r"""\bimport\s*\(?\s*["']([^"']+)["']"""),
)


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry["specifier"])
def test_a_file_is_the_one_that_was_locked(entry: dict[str, Any]) -> None:
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("entry", FILES, ids=lambda entry: entry["specifier"])
def test_its_version_and_licence_are_recorded(entry: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", entry["version"])
    assert entry["licence"] in LICENCES
    assert (VENDOR / entry["licence_file"]).read_text(encoding="utf-8").strip()


def test_nothing_lies_there_that_is_not_locked() -> None:
    locked = {entry["file"] for entry in FILES} | {entry["licence_file"] for entry in FILES} | {"LOCK.json"}
    assert {each.relative_to(VENDOR).as_posix() for each in VENDOR.rglob("*") if each.is_file()} == locked


def test_the_files_of_one_package_have_one_version() -> None:
    versions = {(entry["name"], entry["version"], entry["package_sha512"]) for entry in FILES}
    assert len(versions) == len({entry["name"] for entry in FILES})


def test_every_bare_import_of_the_client_is_vendored() -> None:
    """A page without a bundler finds packages by its import map alone, and that is made from LOCK.json."""
    sources = [*STATIC.joinpath("js").rglob("*.js"), *VENDOR.glob("*.mjs")]
    texts = [each.read_text(encoding="utf-8") for each in sources]
    found = {name for text in texts for pattern in IMPORTS for name in pattern.findall(text)}
    bare = {name for name in found if not name.startswith(("./", "../", "/"))}
    assert bare <= {entry["specifier"] for entry in FILES}
    assert {"preact", "@preact/signals-core"} <= bare


def test_all_of_them_are_small() -> None:
    compressed = sum(len(gzip.compress((VENDOR / entry["file"]).read_bytes())) for entry in FILES)
    assert compressed <= PACKAGE_BYTES
