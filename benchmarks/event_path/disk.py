"""The lower bounds of a journal's commit: the disk's fsync, and SQLite's commit of one row."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


class Disk:
    """A plain file and a plain database on the disk that is measured."""

    def __init__(self, file: int, database: sqlite3.Connection) -> None:
        self._file = file
        self._database = database

    def append(self, body: bytes) -> None:
        """Append to the file and wait until it is on disk."""
        os.write(self._file, body)
        os.fdatasync(self._file)

    def commit(self, body: bytes) -> None:
        """Store a row in a durable transaction."""
        self._database.execute("INSERT INTO waiting (body) VALUES (?)", (body,))


@contextmanager
def open_disk(place: Path) -> Iterator[Disk]:
    """Open both in a folder."""
    file = os.open(place / "plain", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        with closing(sqlite3.connect(place / "plain.db", isolation_level=None)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=FULL")
            database.execute("CREATE TABLE waiting (seq INTEGER PRIMARY KEY, body BLOB)")
            yield Disk(file, database)
    finally:
        os.close(file)
