"""What `askfirst check` finds in the files themselves, before it asks them anything."""

import stat
from pathlib import Path

import duckdb

from askfirst.settings import FILE_NAME
from askfirst.store.warehouse import Warehouse
from server.damage import SET_ASIDE, is_damaged, set_aside_cut_log
from server.data_folder import MEMORIES
from server.differences import BY_MEND, BY_START, Difference

_RESTORE = "restore a backup into another folder."
_DAMAGED = {
    "ledger.db": Difference(f"The file ledger.db is damaged: {_RESTORE}"),
    "journal.db": Difference("The file journal.db is damaged.", BY_START),
    "warehouse.duckdb": Difference(
        f"The file warehouse.duckdb is damaged, or another program has it open: {_RESTORE}"
    ),
}


def missing_files(folder: Path) -> list[Difference]:
    """Name the memories and keys that are not there."""
    names = [name for name in (*MEMORIES, "keys") if not (folder / name).is_file()]
    return [Difference(f"The file {name} is missing.") for name in names]


def damaged_files(folder: Path) -> list[Difference]:
    """Read both SQLite files to their end and open the warehouse; name what cannot be read."""
    found = [
        _DAMAGED[name]
        for name in MEMORIES[:2]
        if is_damaged(folder / name, most_seconds=float("inf"))
    ]
    try:
        Warehouse(folder / MEMORIES[2]).close()
    except duckdb.Error:
        found.append(_DAMAGED[MEMORIES[2]])
    return found


def permissions(folder: Path) -> list[Difference]:
    """Name what others than its owner may open, and what was set aside.

    The owner writes the settings, with rights of the owner's choice.
    """
    files = (path for path in folder.iterdir() if path.is_file() and path.name != FILE_NAME)
    paths = [folder, *files]
    found = [
        Difference(f"Others than its owner may open {path.name}.", BY_MEND)
        for path in paths
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    aside = [path.name for path in paths if SET_ASIDE in path.name and path.name[-1] == "Z"]
    deleting = "the next erasure deletes it, or you, when you need it no more."
    said = [Difference(f"A damaged file was set aside as {name}; {deleting}") for name in aside]
    return [*found, *said]


def cut_logs(folder: Path, now: int) -> list[Difference]:
    """Set damaged logs aside before anything opens the files; no server may run on the folder."""
    return [
        Difference(f"The log of {name} is damaged: what was written behind the damage is lost.")
        for name in MEMORIES[:2]
        if set_aside_cut_log(folder / name, now)
    ]
