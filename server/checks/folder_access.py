"""Checks a data folder before a command uses it: what a start refuses, commands refuse, too."""

from pathlib import Path

from askfirst.errors import Misconfigured
from server.checks.files import stopping
from server.startup.folder_owner import refuse_other_user


def enter(folder: Path, *, writing: bool = False) -> Path:
    """Return the path of the ledger in a data folder that may be read; nothing is written.

    Raises `Misconfigured` where there is no ledger or a start would refuse the folder: for a link
    among the files, a file of another user, an unfinished restore; for `writing`, also where root
    would write into another user's folder.
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
