"""The one door by which commands come to a data folder: what a start refuses, they refuse too."""

from pathlib import Path

from askfirst.errors import Misconfigured
from server.checks.files import stopping
from server.startup.folder_owner import refuse_other_user


def enter(folder: Path, *, writing: bool = False) -> Path:
    """Return the path of the ledger in a data folder that may be looked into; nothing is written.

    Raises `Misconfigured` where there is no ledger, and what a start would say of the folder: a
    link among the files, a file of another user, a restore that has not ended; for `writing`, also
    where root comes to another user's folder.
    """
    try:
        refused = stopping(folder) if folder.is_dir() else []
    except OSError as error:
        raise Misconfigured(f"The data folder {folder} cannot be read.") from error
    if refused:
        raise Misconfigured(refused[0].sentence)
    ledger = folder / "ledger.db"
    if not ledger.is_file():
        raise Misconfigured(f"There is no ledger in the folder {folder}.")
    if writing:
        refuse_other_user(folder)
    return ledger
