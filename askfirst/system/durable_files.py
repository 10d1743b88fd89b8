"""Files that are complete and on disk or do not exist, never written or read through a link."""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20


def write_durably(path: Path, content: bytes) -> None:
    """Write a file for its owner alone, completely or not at all, in place of one of its name."""
    with replacing(path) as file:
        file.write(content)


def copy_durably(source: Path, target: Path) -> None:
    """Copy a plain file for its owner alone, completely or not at all."""
    with open_plain(source) as reading, replacing(target) as writing:
        while chunk := reading.read(_CHUNK):
            writing.write(chunk)


def make_folder(path: Path) -> None:
    """Make a folder and its missing parents for their owner alone, with their names on disk.

    Files in a folder survive a loss of power only if the folder's own name does.
    """
    here = path.absolute()
    missing = [one for one in (here, *here.parents) if not one.exists()]
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in missing:
        sync(one.parent)


def remove_durably(path: Path) -> None:
    """Remove a file, if it exists, so that a loss of power does not bring it back."""
    path.unlink(missing_ok=True)
    sync(path.parent)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file to write, which gets its name when the block ends and all of it is on disk.

    The order is that of a rename that survives a loss of power: the bytes, the name, the folder.
    A link of that name is replaced, and its target stays as it is.
    """
    fresh = path.with_name(f"{path.name}.fresh")
    fresh.unlink(missing_ok=True)
    try:
        with _new(fresh) as file:
            yield file
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    sync(path.parent)


@contextmanager
def create(path: Path) -> Iterator[BinaryIO]:
    """Yield a new file to write, for its owner alone.

    When the block ends, the file and its name are on disk; if that fails, it is removed. Raises
    `FileExistsError` where the name is taken, also by a link.
    """
    with _new(path) as file:
        yield file
    sync(path.absolute().parent)


@contextmanager
def _new(path: Path) -> Iterator[BinaryIO]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def open_plain(path: Path) -> BinaryIO:
    """Open a file to read; raises `OSError` for a link, a pipe, a device or a folder."""
    return _opened(path, os.O_NOFOLLOW)


def open_regular(path: Path) -> BinaryIO:
    """Open a file that a person named, also by a link; raises `OSError` for a pipe or a device.

    Opening a pipe to which nobody writes would never return.
    """
    return _opened(path, 0)


def _opened(path: Path, flags: int) -> BinaryIO:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(f"{path} is no plain file.")
    return os.fdopen(descriptor, "rb")


def is_plain(path: Path) -> bool:
    """Return whether a path is a plain file itself, and not a link to one."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a plain file in hexadecimal."""
    found = hashlib.sha256()
    with open_plain(path) as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
