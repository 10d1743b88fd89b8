"""Checks the SQLite files at a start: sets a damaged journal aside, refuses a damaged ledger.

Each function keeps one promise of "Damage" in docs/durability.md.
"""

import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import structlog

from askfirst.errors import Misconfigured
from askfirst.store.sqlite_files import open_sqlite
from askfirst.system.durable_files import sync
from collector.journal.checksum import is_damage
from collector.journal.tables import FORM, SCHEMA
from server.startup.carry_over import note_carry_over
from server.startup.wal_tail import cut_off, keep_copy

log = structlog.get_logger()

SET_ASIDE = ".damaged-"
_MOST_SECONDS = 0.5
_PRIMARY = 0xFF
"""The part of SQLite's codes of errors that says which kind one is."""
_COLUMNS = """
SELECT s.name, c.name FROM sqlite_schema AS s, pragma_table_info(s.name) AS c
WHERE s.type = 'table'
"""
_OTHER_MARKS = """
SELECT 1 FROM meta WHERE NOT (
    (name = 'last' AND typeof(value) = 'integer')
    OR (name = 'journal' AND length(value) = 16 AND value NOT GLOB '*[^0-9a-f]*')
)
"""
_STEPS = 10_000  # of SQLite's virtual machine between two looks at the clock


def refuse_damaged_ledger(path: Path) -> None:
    """Raise `Misconfigured` for a damaged ledger: decisions are never started anew."""
    if path.exists() and is_damaged(path):
        raise Misconfigured(f"The ledger {path} is damaged; restore a backup into another folder.")


def set_aside_damaged_journal(path: Path, now: int) -> None:
    """Rename a damaged journal, so that a new one is made, to which it is carried over.

    `now` is milliseconds since the epoch.
    """
    if not path.exists() or not (is_damaged(path) or _is_not_ours(path)):
        return
    aside = _aside(path, now)
    note_carry_over(aside)
    for suffix in ("-wal", "-shm", ""):  # a new journal must not find the log of another
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    sync(path.parent)
    log.error("journal_damaged", set_aside_as=aside.name)


def _is_not_ours(path: Path) -> bool:
    """Return whether a journal of our version has other columns or marks: a byte changed."""
    with closing(open_sqlite(path)) as found, closing(open_sqlite(":memory:")) as made:
        (form,) = found.execute("PRAGMA user_version").fetchone()
        if form != FORM:
            return False
        made.executescript(SCHEMA)
        try:
            columns = set(found.execute(_COLUMNS))
            others = columns - set(made.execute(_COLUMNS))
            marked = ("meta", "value") in columns
            return bool(others or (marked and found.execute(_OTHER_MARKS).fetchone()))
        except (sqlite3.OperationalError, UnicodeDecodeError):
            return True


def log_if_wal_damaged(path: Path, now: int) -> None:
    """Log that a database's write-ahead log is damaged, and keep a copy of it.

    Raises `Misconfigured` where there is no room for the copy: the log is left as it is.
    """
    if aside := set_aside_cut_log(path, now):
        log.error("wal_damaged", of=path.name, set_aside_as=aside.name)


def set_aside_cut_log(path: Path, now: int) -> Path | None:
    """Copy the write-ahead log of a database that nobody has open, if it is damaged.

    Once the database is opened and closed, nothing is left of such a log. Raises `Misconfigured`
    where there is no room for the copy.
    """
    try:
        if not path.exists() or not cut_off(path):
            return None
    except (OSError, sqlite3.Error):
        return None  # unreadable or damaged itself, which the next check finds
    aside = _aside(path.with_name(f"{path.name}-wal"), now)
    try:
        keep_copy(path, aside)
    except OSError as error:
        raise Misconfigured(
            f"The log of {path} is damaged, and it could not be copied: make room for it."
        ) from error
    return aside


def damaged_logs(path: Path) -> list[str]:
    """Return the names of a database's damaged logs that were set aside and still exist."""
    return sorted(one.name for one in path.parent.glob(f"{path.name}-wal{SET_ASIDE}*Z"))


def _aside(path: Path, now: int) -> Path:
    """Return an unused name for a file to set aside."""
    while True:
        moment = datetime.fromtimestamp(now / 1000, tz=UTC).strftime("%Y%m%dT%H%M%S%fZ")
        aside = path.with_name(f"{path.name}{SET_ASIDE}{moment}")
        if not aside.exists():
            return aside
        now += 1


def refuse_journal_of_another_form(path: Path, form: int) -> None:
    """Raise `Misconfigured` for a journal whose tables have another form than this number.

    It could be opened, but would accept no event. A file without tables is new and may have any.
    """
    if not path.exists():
        return
    with closing(open_sqlite(path, timeout=5)) as connection:
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if tables and found != form:
        raise Misconfigured(f"The journal {path} is of another version of Askfirst.")


def is_damaged(path: Path, most_seconds: float = _MOST_SECONDS) -> bool:
    """Return whether SQLite finds damage in a file within a time.

    Raises `Misconfigured` for a file that cannot be opened. A start does not read a large file to
    its end; `askfirst check` does.
    """
    until = time.monotonic() + most_seconds
    try:
        with closing(open_sqlite(path, timeout=5)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
            found = connection.execute("PRAGMA quick_check(1)").fetchone()
            return bool(found[0] != "ok")
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if is_damage(error):
            return True
        code = getattr(error, "sqlite_errorcode", 0)
        if code == sqlite3.SQLITE_INTERRUPT:
            return False
        if code & _PRIMARY in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise Misconfigured(
                f"The file {path} cannot be opened: its disk is full or fails."
            ) from error
        raise Misconfigured(
            f"The file {path} cannot be opened: another process uses it, or its permissions or"
            " those of its folder do not allow it."
        ) from error
