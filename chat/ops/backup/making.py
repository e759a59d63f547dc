"""Takes a backup of a site, running or not, and checks one that was taken."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson
from django.conf import settings
from django.db import connection

from chat.ops.backup import archive
from chat.ops.backup.engine import copy_for, latest_migrations, require_migrated
from chat.ops.backup.kept_settings import given_settings
from chat.ops.backup.manifest import FORMAT, Manifest
from chat.ops.problem import Problem
from chat.ops.whole_file import require_free, said_of_disk

SETTINGS_FILE = "settings.json"


def default_file() -> Path:
    """A name of its own for each second, below `var/`."""
    return Path(settings.VAR_DIR) / "backups" / f"distchat-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar.gz"


def make_backup(file: Path, *, overwrite: bool = False) -> Manifest:
    """Write database and settings to `file`, readable by its owner alone. Raises Problem."""
    if not overwrite:
        require_free(file)
    require_migrated()
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    _make_folder(file.parent)
    with working_folder(file.parent) as folder:
        rows, columns = copy_for(connection.vendor).copy_out(folder)
        (folder / SETTINGS_FILE).write_bytes(orjson.dumps(given_settings(), option=orjson.OPT_INDENT_2))
        members = archive.measured(folder)
        told = Manifest(FORMAT, made_at, connection.vendor, latest_migrations(), rows, columns, members)
        archive.pack(folder, told, file, overwrite=overwrite)
    return told


def verify_backup(file: Path) -> Manifest:
    """Read all of a backup: hashes, the numbers of rows, on SQLite also the structure of the file. Raises Problem."""
    with opened(file, file.parent) as (_, told):
        return told


@contextmanager
def opened(file: Path, beside: Path) -> Iterator[tuple[Path, Manifest]]:
    """The folder with what a backup holds, whole and examined, for as long as the block lasts. Raises Problem."""
    if not file.is_file():
        raise Problem(f"There is no file {file}.", "name a file that `manage.py backup` has written.")
    with working_folder(beside) as folder:
        told = archive.unpack(file, folder)
        wrong = copy_for(told.engine).examine(folder, told)
        if wrong:
            raise Problem(f"The backup {file} is damaged: {wrong}.", "take an older backup.")
        yield folder, told


@contextmanager
def working_folder(beside: Path) -> Iterator[Path]:
    """For copies on their way, readable by their owner alone, on the disk that has to take the result anyway.

    Raises Problem where nothing can be written, or not all of it.
    """
    try:
        folder = tempfile.TemporaryDirectory(dir=beside, prefix=".distchat-")
    except OSError as error:
        raise Problem(f"Nothing can be written in {beside}: {error.strerror}.", "choose another folder.") from error
    with said_of_disk(beside), folder as name:
        yield Path(name)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Problem(f"{folder} cannot be made: {error.strerror}.", "choose another folder.") from error
