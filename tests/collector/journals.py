"""Reading a journal in tests: the events that wait, and the bytes of its files."""

import sqlite3
from pathlib import Path

from askfirst.events import JournalEntry
from collector.journal.journal import Journal


def rows_on_disk(folder: Path) -> int:
    """Return the number of events that wait, as another process sees it."""
    connection = sqlite3.connect(folder / "journal.db")
    try:
        return connection.execute("SELECT coalesce(sum(events), 0) FROM waiting").fetchone()[0]
    finally:
        connection.close()


async def entries_in(journal: Journal) -> list[JournalEntry]:
    """Return the entries that would be shipped."""
    batch = await journal.waiting(0, 1000)
    return await journal.fresh(batch.entries()) if batch else []


def bytes_on_disk(folder: Path) -> bytes:
    """Return all bytes of the journal's files."""
    return b"".join(path.read_bytes() for path in folder.glob("journal.db*"))
