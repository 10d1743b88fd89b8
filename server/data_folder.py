"""The data folder: made, used by one process at a time, and private to its owner."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from askfirst.errors import Misconfigured

MEMORIES = ("ledger.db", "journal.db", "warehouse.duckdb")
LOCK = "lock"
RESTORING = "restoring"
"""A file that is there while a restore has not ended."""


@contextmanager
def taken(folder: Path) -> Iterator[None]:
    """Make the folder if it is missing and keep every other process out until the block ends.

    Raises `Misconfigured` when it cannot be used, or another process uses it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (folder / LOCK).open("a")
    except OSError as error:
        raise Misconfigured(f"The data folder {folder} cannot be written.") from error
    with file:
        _lock(file.fileno(), folder)
        if (folder / RESTORING).exists():
            raise Misconfigured(f"A restore into {folder} did not end; empty it and restore again.")
        yield


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Misconfigured(
            f"The folder {folder} is in use: another askfirst runs on it."
        ) from error


def keep_private(folder: Path) -> None:
    """Let the owner alone read the memories and what belongs to them."""
    for name in (*MEMORIES, LOCK):
        for path in folder.glob(f"{name}*"):
            path.chmod(0o600)
