"""Erasing from the journal: groups are rewritten without the entries of a visitor or of a site."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

from askfirst.events import JournalEntry
from collector.journal.groups import StoredGroup, encoded, row_of
from collector.journal.tables import GONE, GROUPS_BETWEEN, LEFT
from collector.journal.transaction import transaction

Belongs = Callable[[JournalEntry], bool]
"""Returns whether an entry is to be erased."""

_ERASED_AT_ONCE = 1 << 20  # bytes of groups; requests wait while so many are looked through


def erase_some(
    belongs: Belongs, word: bytes, bounds: tuple[int, int], connection: sqlite3.Connection
) -> tuple[int, int]:
    """Rewrite the first groups between two numbers without the entries that belong.

    Returns the number of erased entries and the number of the last group that was examined. Decodes
    only groups whose bytes contain `word`, and writes only those that lose an entry. A damaged
    group is removed: nobody can say whose entries it holds.
    """
    after, end = bounds
    erased, last = 0, end
    with transaction(connection):
        for group in _some_groups(connection, after, end):
            last = group.seq
            erased += _erase_from(group, belongs, word, connection)
    return erased, last


def _erase_from(
    group: StoredGroup, belongs: Belongs, word: bytes, connection: sqlite3.Connection
) -> int:
    if group.is_intact and word not in group.body:
        return 0
    entries = group.entries() if group.is_intact else []
    left = [entry for entry in entries if not belongs(entry)]
    erased = len(entries) - len(left)
    if erased or not entries:
        row = row_of([entry.event_id for entry in left], encoded(left))
        connection.execute(LEFT, (*row, group.seq))
        connection.execute(GONE, (group.seq,))
    return erased


def _some_groups(connection: sqlite3.Connection, after: int, end: int) -> list[StoredGroup]:
    """Return the first groups between two numbers: a megabyte of them, or one that is larger."""
    groups, size = [], 0
    with closing(connection.execute(GROUPS_BETWEEN, (after, end))) as rows:
        for group in map(StoredGroup._make, rows):
            groups.append(group)
            size += len(group.body) if isinstance(group.body, bytes) else 0  # damage may retype it
            if size >= _ERASED_AT_ONCE:
                break
    return groups


def empty_log(connection: sqlite3.Connection) -> bool:
    """Empty the write-ahead log; return False if a reader still needs it.

    Erased bytes may still be in the log then.
    """
    ((busy, _, _),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return not busy
