"""The file of a backup: a compressed tar whose first member tells the hash of every other one."""

import hashlib
import io
import os
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from chat.ops.backup import manifest
from chat.ops.backup.manifest import Manifest, Member
from chat.ops.problem import Problem
from chat.ops.whole_file import NO_ROOM, whole_file

MANIFEST_BYTES = 4 * 2**20
BLOCK_BYTES = 2**20
COMPRESSION = 3
"""Of 9: half the time of the default for nearly the same size."""
UNREADABLE = (tarfile.TarError, EOFError, zlib.error, OSError)


def measured(folder: Path) -> dict[str, Member]:
    """Size and hash of every file in `folder`."""
    found = {}
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            found[path.name] = Member(path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())
    return found


def pack(folder: Path, told: Manifest, file: Path, *, overwrite: bool) -> None:
    """Write the archive beside `file` under another name, and give it its own once it is whole and on the disk.

    Raises Problem when there is such a file and it is not to be overwritten.
    """
    with whole_file(file, overwrite=overwrite) as output:
        _write(folder, told, output)


def unpack(file: Path, folder: Path) -> Manifest:
    """Put every member into `folder`, each checked against its hash. Raises Problem when anything is not as told."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            told = _manifest_of(archive)
            missing = dict(told.members)
            while entry := archive.next():
                member = missing.pop(entry.name, None)
                if member is None or not entry.isreg() or Path(entry.name).name != entry.name:
                    raise _damaged(file, f"its manifest does not know {entry.name!r}")
                _extract(archive, entry, folder / entry.name, member, file)
    except FileNotFoundError as error:
        raise Problem(f"There is no file {file}.", "name a file that `manage.py backup` has written.") from error
    except UNREADABLE as error:
        if isinstance(error, OSError) and error.errno in NO_ROOM:
            raise
        raise _damaged(file, str(error) or type(error).__name__) from error
    if missing:
        raise _damaged(file, f"{', '.join(missing)} is missing")
    return told


def _write(folder: Path, told: Manifest, output: IO[bytes]) -> None:
    with tarfile.open(fileobj=output, mode="w:gz", compresslevel=COMPRESSION) as archive:
        text = told.encoded()
        entry = tarfile.TarInfo(manifest.NAME)
        entry.size, entry.mode = len(text), 0o600
        archive.addfile(entry, io.BytesIO(text))
        for name in told.members:
            archive.add(folder / name, arcname=name, filter=_without_owner)


def _without_owner(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o600
    return entry


def _manifest_of(archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    file = archive.extractfile(first) if first is not None and first.name == manifest.NAME else None
    if first is None or file is None or first.size > MANIFEST_BYTES:
        raise Problem("The file is not a backup of distchat.", "name a file that `manage.py backup` has written.")
    return manifest.decoded(file.read())


def _extract(archive: tarfile.TarFile, entry: tarfile.TarInfo, target: Path, member: Member, file: Path) -> None:
    source = archive.extractfile(entry)
    if source is None or entry.size != member.size:
        raise _damaged(file, f"{entry.name} does not have the size that it should")
    digest = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as output:
        while block := source.read(BLOCK_BYTES):
            digest.update(block)
            output.write(block)
    if digest.hexdigest() != member.sha256:
        raise _damaged(file, f"{entry.name} does not have the hash that it should")


def _damaged(file: Path, why: str) -> Problem:
    return Problem(f"The backup {file} is damaged: {why}.", "take another copy of it, or an older backup.")


def sizes_in_words(members: Mapping[str, Member]) -> str:
    return f"{sum(member.size for member in members.values()) / 2**20:.1f} MiB"
