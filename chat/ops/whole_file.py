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
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise _unwritable(file.parent, error) from error
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
    """That the disk of `folder` takes no more, as a Problem."""
    try:
        yield
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise Problem(f"{folder} takes no more: {error.strerror}.", "make room, or choose another folder.") from error


def require_free(file: Path) -> None:
    """Raises Problem when there is something at `file`."""
    if file.exists():
        raise Problem(f"{file} exists already.", "choose another name, or add --force to replace it.")


def _name(unfinished: Path, file: Path, *, overwrite: bool) -> None:
    if overwrite:
        try:
            unfinished.replace(file)
        except OSError as error:  # a folder of this name
            raise _unwritable(file, error) from error
        return
    try:
        os.link(unfinished, file)  # unlike a rename, it fails where somebody was faster
    except FileExistsError:
        require_free(file)


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(f"{path} cannot be written: {error.strerror}.", "choose another folder.")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
