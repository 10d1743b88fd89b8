"""What a damaged journal still tells: the groups of events whose bytes are intact."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from askfirst.events import JournalEntry
from collector.group_commit import sum_of
from collector.journal import Batch

_MOST_BETWEEN = 1_000_000  # a changed number may lie far from all others
_GROUP = "SELECT sum, body, ids FROM waiting WHERE seq = ?"


def intact_entries(path: Path) -> Iterator[list[JournalEntry]]:
    """Give the entries of each group whose sum is right, oldest first; the file stays as it is."""
    address = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, check_same_thread=False)) as connection:
        for seq in _numbers(connection):
            if body := _intact(connection, seq):
                yield Batch(0, seq, [body]).entries()


def _numbers(connection: sqlite3.Connection) -> Sequence[int]:
    """Give the groups' numbers: those before and behind the damage, and all between."""
    before, behind = (_reached(connection, order) for order in ("ASC", "DESC"))
    if not before or not behind:
        return sorted({*before, *behind})
    between = range(before[-1] + 1, behind[-1])[:_MOST_BETWEEN]
    return sorted({*before, *between, *behind})


def _reached(connection: sqlite3.Connection, order: str) -> list[int]:
    """Give the numbers that can be read from one end, as far as that is."""
    found: list[int] = []
    with suppress(sqlite3.DatabaseError):
        for (seq,) in connection.execute(f"SELECT seq FROM waiting ORDER BY seq {order}"):
            found.append(seq)
    return found


def _intact(connection: sqlite3.Connection, seq: int) -> bytes | None:
    try:
        row = connection.execute(_GROUP, (seq,)).fetchone()
    except sqlite3.DatabaseError:
        return None
    return row[1] if row and _is_whole(*row) else None


def _is_whole(told: Any, body: Any, ids: Any) -> bool:
    """Compare the sum; of changed bytes each may be of any of SQLite's types."""
    kinds = isinstance(body, bytes) and isinstance(ids, str)
    return kinds and sum_of(ids.encode(), body) == told
