"""Reading a damaged journal: the groups of events whose bytes are intact."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

import msgspec

from askfirst.events import JournalEntry
from askfirst.store.sqlite_files import open_sqlite
from collector.journal.checksum import is_damage, matches_crc32
from collector.journal.groups import Batch

_MISSES = 10_000
"""How many numbers are tried in a row without finding a group, before the index is asked for more.

A damaged page of SQLite's tree hides some 5,000 groups. Their numbers are consecutive.
"""
_TOO_HIGH = 1 << 62  # only damage makes such a number; SQLite has none far above it
_GROUP = "SELECT sum, CAST(ids AS BLOB), body FROM waiting WHERE seq = ?"
_NEXT = "SELECT min(seq) FROM waiting WHERE seq > ?"


def intact_entries(path: Path) -> Iterator[list[JournalEntry]]:
    """Yield the entries of each group whose CRC-32 is right, oldest first.

    Raises `sqlite3.Error` where the file cannot be read for another reason than damage.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(open_sqlite(address, uri=True, check_same_thread=False)) as connection:
        seq, misses = _first_to_try(connection), -_MISSES
        while seq is not None and seq < _TOO_HIGH:
            entries = _intact(connection, seq)
            if entries:
                yield entries
            misses = 0 if entries else misses + 1
            seq = seq + 1 if misses < _MISSES else _next_in_index(connection, seq)


def _next_in_index(connection: sqlite3.Connection, seq: int) -> int | None:
    """Return the next number in SQLite's tree; None at its end, or where damage leads backwards."""
    ahead = _row(connection, _NEXT, (seq,))
    return cast(int, ahead[0]) if ahead and ahead[0] and ahead[0] > seq else None


def _first_to_try(connection: sqlite3.Connection) -> int | None:
    """Return a number before all others, as far as the file says, or None."""
    if first := _row(connection, "SELECT min(seq) - 1 FROM waiting"):
        return cast("int | None", first[0])
    last = _row(connection, "SELECT value FROM meta WHERE name = 'last'")
    known = [seq for seq in (_lowest(connection), *(last or ())) if isinstance(seq, int)]
    return min(known) - _MISSES if known else None


def _lowest(connection: sqlite3.Connection) -> int | None:
    """Return the lowest number that can be reached from the end of the table."""
    seq = None
    try:
        for (seq,) in connection.execute("SELECT seq FROM waiting ORDER BY seq DESC"):  # noqa: B007
            pass
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if not is_damage(error):
            raise
    return seq


def _intact(connection: sqlite3.Connection, seq: int) -> list[JournalEntry]:
    row = _row(connection, _GROUP, (seq,))
    if row is None:
        return []
    crc32, ids, body = row
    if not matches_crc32(crc32, ids, body):
        return []
    try:
        return Batch(0, seq, [body]).entries()
    except msgspec.DecodeError:
        return []  # not written by this version


def _row(connection: sqlite3.Connection, sql: str, values: tuple[int, ...] = ()) -> Any:
    try:
        return connection.execute(sql, values).fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if is_damage(error):
            return None
        raise
