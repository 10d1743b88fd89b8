"""A DuckDB connection that many threads read from, and whose file can be exchanged meanwhile."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb


class SharedConnection:
    """The one open connection to a file: `reading` and `transaction` hand out cursors of it.

    `exchange` waits until all readers have finished, while new ones wait, and opens the file anew.
    Writers have to be kept apart by the caller, from each other and from `exchange`.
    """

    def __init__(self, open_file: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._open_file = open_file
        self._changed = threading.Condition()
        self._readers = 0
        self._exchanging = False
        self._root = open_file()

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor to read with; wait first while the file is being exchanged."""
        with self._changed:
            self._changed.wait_for(lambda: not self._exchanging)
            cursor = self._root.cursor()
            self._readers += 1
        try:
            yield cursor
        finally:
            cursor.close()
            with self._changed:
                self._readers -= 1
                self._changed.notify_all()

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor in a transaction that is committed at the end, or rolled back."""
        cursor = self._root.cursor()
        try:
            cursor.execute("BEGIN")
            yield cursor
            cursor.execute("COMMIT")
        finally:
            cursor.close()  # an open transaction is rolled back

    def exchange(self, replace: Callable[[], None]) -> None:
        """Close the file, call `replace` and open it again, also where `replace` fails."""
        with self._changed:
            self._exchanging = True  # new readers wait from now on, so that the others run out
            self._changed.wait_for(lambda: self._readers == 0)
            try:
                self._root.close()
                replace()
            finally:
                self._root = self._open_file()
                self._exchanging = False
                self._changed.notify_all()

    def close(self) -> None:
        """Close the file; what was written is checkpointed."""
        self._root.close()
