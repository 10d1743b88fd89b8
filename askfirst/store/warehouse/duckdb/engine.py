"""The warehouse's engine DuckDB: one file with one writer and many readers."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from askfirst.errors import Unavailable
from askfirst.store.warehouse.duckdb.copying import copy_tables, in_one_transaction
from askfirst.store.warehouse.duckdb.files import (
    BY_THE_MACHINE,
    SUFFIXES,
    Limits,
    closed_duckdb,
    is_loose,
    is_whole,
    quoted,
)
from askfirst.store.warehouse.duckdb.reading.interrupting import Interrupter
from askfirst.store.warehouse.duckdb.reading.parsed import ParsedStatements
from askfirst.store.warehouse.duckdb.reading.reader import DuckDBReader
from askfirst.store.warehouse.duckdb.reading.turns import Places, Turns, one_thread
from askfirst.store.warehouse.duckdb.schema import (
    create_all,
    create_tables,
    creating_all,
    filled_tables,
    has_tables,
)
from askfirst.store.warehouse.duckdb.shared_connection import (
    UNWRITTEN,
    SharedConnection,
    unreadable,
    unwritten,
)
from askfirst.store.warehouse.duckdb.statements import carry_out
from askfirst.store.warehouse.engine import Operation
from askfirst.store.warehouse.tables import TABLES
from askfirst.store.warehouse.time_limit import TimeLimit
from askfirst.system.durable_files import sync
from askfirst.system.memory import is_scarce

_Sparing = Callable[[duckdb.DuckDBPyConnection], AbstractContextManager[Any]]
"""Lets DuckDB take less within, by a cursor of it; or, as `nullcontext`, does nothing."""


class DuckDBEngine:
    """A DuckDB file; every method blocks, and may be called from several threads.

    One opened as `read_only` writes nothing, not even a file beside it, and can only be read.
    """

    dialect = "duckdb"
    is_alone = True  # the file is locked
    is_away = False  # it was opened

    def __init__(
        self, path: Path, *, read_only: bool = False, limits: Limits = BY_THE_MACHINE
    ) -> None:
        self._path = path
        self._limits = limits
        self._fresh = path.with_name(f"{path.name}.fresh")
        self._log = path.with_name(f"{path.name}.wal")
        self._spilled = path.with_name(f"{path.name}.tmp")  # DuckDB: what memory has no room for
        self._read_only = read_only
        self._writing = threading.Lock()
        self._places = Places(limits.questions_at_once())
        # Several readers at once would share what little memory one may take, and fail.
        self._all_wait = is_scarce()
        self._turns = Turns()
        self._was_asked = False
        self._parsed = ParsedStatements()
        self._interrupter = Interrupter()
        if not read_only:
            self._remove_fresh()
        self._connection = SharedConnection(self._opened)

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._read_only:
            connection = closed_duckdb(self._path, read_only=True, limits=self._limits)
            if has_tables(connection):
                return connection
            connection.close()
        where = Path(":memory:") if self._read_only else self._path  # one without tables is empty
        create = create_tables if where.exists() else create_all
        connection = closed_duckdb(where, [self._fresh], limits=self._limits)
        if not self._read_only:  # the file is locked, so nobody uses what a crash has left here
            shutil.rmtree(self._spilled, ignore_errors=True)
        create(connection)
        return connection

    @contextmanager
    def reading(self, limit: TimeLimit | None = None) -> Iterator[DuckDBReader]:
        """Yield a reader; wait first while the file is being exchanged."""
        self._was_asked |= limit is not None
        with self._read(limit) as cursor:
            watched = partial(self._interrupter.watching, limit, cursor.interrupt)
            yield DuckDBReader(cursor, self._turns, self._parsed, watched)

    @contextmanager
    def _read(self, limit: TimeLimit | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor to read with, when it may."""
        with self._let_in(limit), self._connection.reading(limit) as cursor:
            try:
                yield cursor
            except duckdb.IOException as error:
                raise unreadable() from error

    @contextmanager
    def _let_in(self, limit: TimeLimit | None = None) -> Iterator[None]:
        """Wait for a place among the questions of pages; raises `TookTooLong`.

        What has no limit of time, such as shipping, waits only where memory is scarce.
        """
        if limit is None and not self._all_wait:
            yield
            return
        if not self._places.acquire(timeout=limit.left() if limit else None):
            assert limit  # noqa: S101 - without one it waits for ever
            raise limit.error()
        try:
            yield
        finally:
            self._places.release()

    def commit(self, operations: Sequence[Operation], token: str) -> None:
        """Carry out all operations or none, in one transaction."""
        with self._writing:
            self._turns.take(
                lambda: self._commit(operations, nullcontext),
                lambda: self._commit(operations, one_thread),
            )

    def _commit(self, operations: Sequence[Operation], sparing: _Sparing) -> None:
        with self._connection.transaction() as cursor, sparing(cursor):
            for operation in operations:
                carry_out(cursor, operation)

    def watermark(self, journal: str) -> int:
        """Return the number of the last row of this journal that is stored, or 0."""
        return self._number("SELECT max(seq) FROM shipped WHERE journal = ?", journal) or 0

    def first_time(self, site: int) -> int | None:
        """Return the time of a site's first event in milliseconds, or None."""
        return self._number("SELECT min(time) FROM events WHERE site = ?", site)

    def _number(self, sql: str, value: int | str) -> int | None:
        with self._read() as cursor:
            row = cursor.execute(sql, [value]).fetchone()
        return None if row is None or row[0] is None else int(row[0])

    def settle(self) -> None:
        """Do nothing: a transaction that was interrupted is rolled back."""

    def rewrite(self) -> None:
        """Replace the file by a copy of its rows, so that the bytes of deleted ones are gone.

        DuckDB marks deleted rows and keeps their bytes until their block is reused.
        """
        with self._writing:
            self._copy()
            try:
                self._connection.exchange(self._take_fresh)
            finally:
                self._remove_fresh()

    def is_loose(self) -> bool:
        """Return whether much of the file is free, and it is large."""
        with self._read() as cursor:
            return is_loose(self._path, cursor)

    def release_memory(self) -> None:
        """Drop what is kept of the file in memory, where no page has asked since the last call.

        The system keeps the file as well, so the next page is hardly later.
        """
        was_asked, self._was_asked = self._was_asked, False
        # While a writer exchanges the file nobody may be alone who waits for it.
        if not was_asked and self._writing.acquire(blocking=False):
            try:
                self._turns.alone_now(self._evict)
            finally:
                self._writing.release()

    def _evict(self) -> None:
        with self._connection.reading() as cursor:
            self._limits.evict(cursor)

    def _take_fresh(self) -> None:
        if self._log.exists():  # the file was not checkpointed, and its log fits no other one
            raise unwritten()
        os.replace(self._fresh, self._path)
        sync(self._path.parent)  # else a loss of power brings the deleted bytes back

    def copy_to(self, path: Path) -> None:
        """Write a complete copy, without deleted bytes, to a file that does not exist yet.

        Writers wait meanwhile; readers do not. The copy is made beside the warehouse and moved,
        because no other file may be attached.
        """
        with self._writing:
            self._copy()
            shutil.move(self._fresh, path)

    def _copy(self) -> None:
        try:
            with self._let_in():
                self._turns.take(
                    lambda: self._write_fresh(nullcontext, self._limits.copied_at_once()),
                    lambda: self._write_fresh(one_thread, 1),
                )
            sync(self._fresh)
        except (duckdb.IOException, OSError) as error:
            self._remove_fresh()  # a full disk needs the room
            raise unwritten() from error
        except Unavailable:  # memory did not suffice
            self._remove_fresh()
            raise
        if not is_whole(self._fresh):  # its last rows are in a log beside it
            self._remove_fresh()
            raise unwritten()

    def _remove_fresh(self) -> None:
        for suffix in SUFFIXES:
            self._fresh.with_name(f"{self._fresh.name}{suffix}").unlink(missing_ok=True)

    def _write_fresh(self, sparing: _Sparing, at_once: int) -> None:
        self._remove_fresh()
        with self._connection.reading() as cursor, sparing(cursor):
            cursor.execute(f"ATTACH {quoted(str(self._fresh))} AS fresh")
            try:
                _fill(cursor, "fresh", at_once)
            except UNWRITTEN as error:
                raise unwritten() from error
            finally:
                cursor.execute("DETACH fresh")

    def end_soon(self) -> None:
        """Do nothing: a file answers."""

    def close(self) -> None:
        """Close the file; what was written is checkpointed."""
        with self._writing:
            self._connection.close()


def _fill(cursor: duckdb.DuckDBPyConnection, target: str, at_once: int) -> None:
    """Create all tables in an attached file, and copy to them by so many statements at once."""
    with in_one_transaction(cursor):
        cursor.execute(creating_all(target))
    names = filled_tables(cursor)
    filled = [table for table in TABLES.values() if table.name in names]
    copy_tables(cursor, filled, target, at_once)
