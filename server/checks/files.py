"""What `askfirst check` finds in the files themselves, before it queries them."""

from pathlib import Path

import duckdb

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.duckdb.forms import EMPTY, FIRST, form_in
from askfirst.system.durable_files import is_plain
from server.checks.differences import BY_REPAIR, BY_START, Difference
from server.startup.data_folder import LEFT, LOST, RESTORING, STORES, WAREHOUSE
from server.startup.journal_recovery import SET_ASIDE, is_damaged, set_aside_cut_log
from server.startup.lost_end import lost_events
from server.startup.warehouse.location import is_in_file, left_databases, refuse_moved
from server.startup.weaknesses import weaknesses

_RESTORE = "restore a backup into another folder."
_OLD = Difference("The file warehouse.duckdb has the form of an older version.", BY_START)
_DAMAGED = {
    "ledger.db": Difference(f"The file ledger.db is damaged: {_RESTORE}"),
    "journal.db": Difference("The file journal.db is damaged.", BY_START),
    "warehouse.duckdb": Difference(
        f"The file warehouse.duckdb is damaged, or another program has it open: {_RESTORE}"
    ),
}


def moved_away(folder: Path, url: str = "") -> list[Difference]:
    """Return that the events are in another warehouse than the setting names (`url`)."""
    try:
        refuse_moved(folder, url)
    except Misconfigured as error:
        return [Difference(error.message)]
    return []


def missing_files(folder: Path, url: str = "") -> list[Difference]:
    """Return the stores and keys that are missing; the warehouse may be a database (`url`)."""
    needed = [name for name in (*STORES, "keys") if not (url and name == WAREHOUSE)]
    names = [name for name in needed if not (folder / name).is_file()]
    return [Difference(f"The file {name} is missing.") for name in names]


def left_files(folder: Path, url: str = "") -> list[Difference]:
    """Return that a move to a database has left the file, which no erasure reaches."""
    if not url or is_in_file(folder) or not list(folder.glob(f"{WAREHOUSE}*")):
        return []
    sentence = f"The file {WAREHOUSE} was left by a move, and no erasure reaches it: delete it."
    return [Difference(sentence)]


def damaged_files(folder: Path, url: str = "") -> list[Difference]:
    """Read both SQLite files to their end and open the warehouse's; return what is damaged."""
    found = [
        _DAMAGED[name]
        for name in STORES[:2]
        if is_damaged(folder / name, most_seconds=float("inf"))
    ]
    try:
        form = EMPTY if url else form_in(folder / WAREHOUSE)
    except duckdb.Error:
        return [*found, _DAMAGED[WAREHOUSE]]
    except Misconfigured as error:
        return [*found, Difference(error.message)]
    return [*found, _OLD] if form == FIRST else found


def stopping(folder: Path) -> list[Difference]:
    """Return what a start refuses: a link, a file of another user, an unfinished restore."""
    if (folder / RESTORING).exists():
        return [Difference(f"A restore into {folder} did not end; empty it and restore again.")]
    return [Difference(weak.sentence) for weak in weaknesses(folder) if weak.refused]


def permissions(folder: Path) -> list[Difference]:
    """Return what others than the owner may open, links, and files that were set aside."""
    found = [
        Difference(weak.sentence, BY_REPAIR if weak.mask else "") for weak in weaknesses(folder)
    ]
    names = sorted(path.name for path in folder.iterdir() if is_plain(path))
    aside = [name for name in names if SET_ASIDE in name and name[-1] == "Z"]
    deleting = "the next erasure deletes it, or you, when you need it no more."
    said = [Difference(f"A damaged file was set aside as {name}; {deleting}") for name in aside]
    return [*found, *said, *_left_database(folder), *_lost_events(folder)]


def _left_database(folder: Path) -> list[Difference]:
    """Return that a move from a database has left events in it."""
    if not is_plain(folder / LEFT):
        return []
    return [
        Difference(
            f"The database {name} was left by a move, and no erasure reaches it: drop it, and then"
            f" delete its line in the file {LEFT}."
        )
        for name in sorted(left_databases(folder))
    ]


def _lost_events(folder: Path) -> list[Difference]:
    """Return which events the warehouse has lost, as starts have noted."""
    if not is_plain(folder / LOST):
        return []
    until = f"restore a backup that has them, or delete the file {LOST} when you have read this."
    return [
        Difference(f"The warehouse has lost up to {one}: {until}") for one in lost_events(folder)
    ]


def cut_logs(folder: Path, now: int) -> list[Difference]:
    """Set damaged logs aside before anything opens the files; no server may run on the folder."""
    return [
        Difference(f"The log of {name} is damaged: what was written behind the damage is lost.")
        for name in STORES[:2]
        if set_aside_cut_log(folder / name, now)
    ]
