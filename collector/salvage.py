"""What a damaged journal still tells: the groups of events whose bytes are intact."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from askfirst.events import JournalEntry
from collector.journal import Batch
from collector.whole import is_damage, is_whole

_MISSES = 10_000
"""Numbers in a row under which nothing is found, until no more are looked for.

A damaged page of the tree takes some 5,000 groups with it. The numbers lie one behind the other.
"""
_GROUP = "SELECT sum, CAST(ids AS BLOB), body FROM waiting WHERE seq = ?"


def intact_entries(path: Path) -> Iterator[list[JournalEntry]]:
    """Give the entries of each group whose sum is right, oldest first.

    Raises `sqlite3.Error` where the file cannot be read for another reason than its damage.
    """
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as connection:
        seq, misses = _first(connection), 0
        while seq is not None and misses < _MISSES:
            entries = _intact(connection, seq)
            if entries:
                yield entries
            seq, misses = seq + 1, 0 if entries else misses + 1


def _first(connection: sqlite3.Connection) -> int | None:
    """Give a number before which none waits, or None where nothing tells one."""
    trimmed = _row(connection, "SELECT value FROM meta WHERE name = 'last'")
    if trimmed and isinstance(trimmed[0], int):
        return trimmed[0] + 1
    known = [_row(connection, f"SELECT {end}(seq) FROM waiting") for end in ("min", "max")]
    found = [row[0] for row in known if row and isinstance(row[0], int)]
    return min(found) - _MISSES + 1 if found else None


def _intact(connection: sqlite3.Connection, seq: int) -> list[JournalEntry]:
    row = _row(connection, _GROUP, (seq,))
    if not row or not is_whole(*row):
        return []
    try:
        return Batch(0, seq, [row[2]]).entries()
    except msgspec.DecodeError:
        return []  # of another form than ours


def _row(connection: sqlite3.Connection, asked: str, values: tuple[int, ...] = ()) -> Any:
    try:
        return connection.execute(asked, values).fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if is_damage(error):
            return None
        raise
