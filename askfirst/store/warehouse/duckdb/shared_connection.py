"""A DuckDB connection that many threads read from, and whose file can be exchanged meanwhile."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

from askfirst.errors import Unavailable
from askfirst.store.warehouse.time_limit import TimeLimit

_RETRY_AFTER = 10
UNWRITTEN = (duckdb.IOException, duckdb.TransactionException)
"""What it raises where nothing was written, mostly on a full disk."""


def unwritten() -> Unavailable:
    """Return the error of a file that could not be written."""
    sentence = "The warehouse could not be written: the disk is full or fails, or it is damaged."
    return Unavailable(sentence, retry_after=_RETRY_AFTER)


def unreadable() -> Unavailable:
    """Return the error of a file that could not be read."""
    sentence = "The warehouse could not be read: its file is away or damaged, or the disk fails."
    return Unavailable(sentence, retry_after=_RETRY_AFTER)


def refused(error: duckdb.Error) -> Unavailable:
    """Return the error of a file that cannot carry out a statement; values are not repeated."""
    sentence = (
        f"The warehouse could not carry out a statement ({type(error).__name__}): its file is"
        " damaged, its tables are not those of Askfirst, or Askfirst is at fault."
    )
    return Unavailable(sentence, retry_after=_RETRY_AFTER)


class SharedConnection:
    """The one open connection to a file: `reading` and `transaction` hand out cursors of it.

    `exchange` waits until all readers have finished, while new ones wait, and opens the file anew.
    Writers have to be kept apart by the caller, from each other and from `exchange`.

    DuckDB gives a file up when it cannot checkpoint, e.g. on a full disk, and every later statement
    fails: then the file is opened anew as soon as nobody uses it, and until that has succeeded
    `Unavailable` is raised.
    """

    def __init__(self, open_file: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._open_file = open_file
        self._changed = threading.Condition()
        self._users = 0
        self._exchanging = False
        self._given_up = False
        self._root: duckdb.DuckDBPyConnection | None = open_file()

    @contextmanager
    def reading(self, limit: TimeLimit | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor to read with; wait first while the file is being exchanged.

        Raises `TookTooLong` where that takes longer than the limit.
        """
        with self._using(limit) as cursor:
            yield cursor

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor in a transaction that is committed at the end, or rolled back."""
        with self._using() as cursor:  # whose closing rolls an open transaction back
            try:
                cursor.execute("BEGIN")
                yield cursor
                cursor.execute("COMMIT")
            except UNWRITTEN as error:
                raise unwritten() from error

    @contextmanager
    def _using(self, limit: TimeLimit | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._changed:
            patience = limit.left() if limit else None
            if not self._changed.wait_for(lambda: not self._exchanging, patience):
                assert limit  # noqa: S101 - without one it waits for ever
                raise limit.error()
            cursor = self._usable().cursor()
            self._users += 1
        try:
            yield cursor
        except duckdb.FatalException as error:
            self._given_up = True
            raise unwritten() from error
        except (duckdb.IOException, duckdb.OutOfMemoryException):
            raise  # what it means depends on what was done
        except duckdb.Error as error:
            self._given_up |= isinstance(error, duckdb.InternalException)
            raise refused(error) from error
        finally:
            cursor.close()
            with self._changed:
                self._users -= 1
                self._changed.notify_all()

    def _usable(self) -> duckdb.DuckDBPyConnection:
        """Return the connection, opened anew where DuckDB has given the file up."""
        if self._given_up and not self._users:
            self._close()
        if self._root is None:
            try:
                self._root = self._open_file()
            except duckdb.Error as error:
                raise unwritten() from error
            self._given_up = False
        return self._root

    def exchange(self, replace: Callable[[], None]) -> None:
        """Close the file, call `replace` and open it again, also where `replace` fails."""
        with self._changed:
            self._exchanging = True  # new readers wait from now on, so that the others run out
            try:
                self._changed.wait_for(lambda: self._users == 0)
                self._close()
                replace()
            finally:
                self._exchanging = False
                self._changed.notify_all()
                self._usable()

    def _close(self) -> None:
        if self._root is not None:
            self._root.close()
        self._root = None

    def close(self) -> None:
        """Close the file; what was written is checkpointed."""
        self._close()
