"""The data folder: made, used by one process at a time, and private to its owner."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from askfirst.errors import Misconfigured
from askfirst.system.durable_files import make_folder

WAREHOUSE = "warehouse.duckdb"
STORES = ("ledger.db", "journal.db", WAREHOUSE)
LOCK = "lock"
RESTORING = "restoring"
"""A file that exists until a restore has ended."""
RETAINING = "retaining"
"""A file that exists from before old rows are deleted until their bytes are gone, too."""
CARRY_OVER = "taking-over"
"""A file with the names of journals that were set aside, until the new one has all of them."""

MOVED = "warehouse-moved"
"""A file that says where the events are, since a move: `file`, or the address of a database."""
LEFT = "warehouse-left"
"""A file that names a database with events that a move has left there, and no erasure reaches."""
LOST = "warehouse-lost"
"""A file that says which events the warehouse has lost, as starts have found, a line each time."""
WRITER = "warehouse-writer"
"""A file with the name by which this folder's server writes into a shared database."""

ADDRESS = "address"
"""A file with the address of the server that runs on the folder, while it runs."""


@contextmanager
def locked(folder: Path, restoring: bool = False) -> Iterator[None]:
    """Make the folder if it is missing and lock it to other processes until the block ends.

    Raises `Misconfigured` when it cannot be written, another process uses it, or a restore into it
    has not ended, unless it is that restore which calls (`restoring`).
    """
    try:
        make_folder(folder)
        file = open_lock(folder)
    except OSError as error:
        raise Misconfigured(f"The data folder {folder} cannot be written.") from error
    with file:
        _lock(file.fileno(), folder)
        if (folder / RESTORING).exists() and not restoring:
            raise Misconfigured(f"A restore into {folder} did not end; empty it and restore again.")
        yield


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Misconfigured(
            f"The folder {folder} is in use: another askfirst runs on it."
        ) from error


def open_lock(folder: Path, *, make: bool = True) -> BinaryIO:
    """Open the file that is locked while a process uses the folder; raises `OSError`."""
    flags = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_CREAT if make else 0)
    return os.fdopen(os.open(folder / LOCK, flags, 0o600), "r+b", buffering=0)


def is_served(folder: Path) -> bool:
    """Return whether another process uses the folder; nothing is made there."""
    try:
        file = open_lock(folder, make=False)
    except FileNotFoundError:
        return False
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
