"""A file that appears under its name only when it is whole and on the disk."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from chat.ops.problem import Problem

NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}
"""What a disk says that takes no more."""


@contextmanager
def whole_file(file: Path, *, overwrite: bool) -> Iterator[IO[bytes]]:
    """To be written in the block, under another name; it gets its own at the end, and nothing is left of a failure.

    Readable by its owner alone. Raises Problem when there is such a file and it is not to be overwritten, and when it
    cannot be written.
    """
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.part")
    with said_of_disk(file.parent):
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as output:
                yield output
                output.flush()
                os.fsync(output.fileno())
            _name(unfinished, file, overwrite=overwrite)
        finally:
            unfinished.unlink(missing_ok=True)
        _sync_folder(file.parent)


@contextmanager
def said_of_disk(folder: Path) -> Iterator[None]:
    """What goes wrong with the disk that holds `folder`, as a Problem."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise Problem(
                f"{folder} takes no more: {error.strerror}.", "make room, or choose another folder."
            ) from error
        if isinstance(error, FileNotFoundError | PermissionError | NotADirectoryError | IsADirectoryError):
            raise Problem(f"{folder} cannot be written: {error.strerror}.", "choose another folder.") from error
        raise


def require_free(file: Path) -> None:
    """Raises Problem when there is something at `file`."""
    if file.exists():
        raise Problem(f"{file} exists already.", "choose another name, or add --force to replace it.")


def _name(unfinished: Path, file: Path, *, overwrite: bool) -> None:
    if overwrite:
        unfinished.replace(file)
        return
    try:
        os.link(unfinished, file)  # unlike a rename, it fails where somebody was faster
    except FileExistsError:
        require_free(file)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
