"""The warehouse: enriched events in columns; the only file with SQL of one engine (DuckDB).

It opens at once: Ibis and pandas are loaded when the first question is asked.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from askfirst.events import EVENT_COLUMNS
from askfirst.system.durable_files import sync
from askfirst.system.memory import is_scarce

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Question = Callable[..., Any]
"""A function of hashable values that gives an Ibis table expression over `events_table()`."""

_CLOSED: dict[str, Any] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,  # a name in SQL is a table and no Python variable
}
_SPARING: dict[str, Any] = {"memory_limit": "48MB", "threads": 1}
"""Where memory is scarce; by itself DuckDB takes four fifths of the machine's."""
_OF_A_FILE = ("", ".wal", ".wal.checkpoint", ".wal.recovery")  # what DuckDB makes beside one

_TABLES = 2  # events and shipped
_TYPES = {"int32": "INTEGER", "string": "VARCHAR", "timestamp(6)": "TIMESTAMP"}


def events_table() -> Any:
    """Return the unbound Ibis table `events`, from which every question starts."""
    import ibis  # noqa: PLC0415 - half a second, and only a question needs it

    return ibis.table(EVENT_COLUMNS, name="events")


@lru_cache(maxsize=2048)
def sql_of(question: Question, values: tuple[Any, ...]) -> str:
    """Return a question's SQL; the first time loads what writes it."""
    import ibis  # noqa: PLC0415 - half a second, and only a question needs it

    return str(ibis.to_sql(question(*values), dialect="duckdb", pretty=False))


def closed_duckdb(
    path: Path, also: Sequence[Path] = (), read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB file from which no SQL reaches the network, an extension or another file.

    Databases at the paths in `also` may be attached. No statement can change any of that (DuckDB's
    guide "Securing DuckDB").
    """
    connection = duckdb.connect(str(path), read_only=read_only, config=_config())
    may = ", ".join(_quoted(f"{one}{end}") for one in also for end in _OF_A_FILE)
    connection.execute(f"SET allowed_paths = [{may}]")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _config() -> dict[str, Any]:
    return {**_CLOSED, **_SPARING} if is_scarce() else _CLOSED


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"{n} {_TYPES[k]} NOT NULL" for n, k in EVENT_COLUMNS.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS events ({columns})")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS shipped (journal VARCHAR PRIMARY KEY, seq BIGINT NOT NULL)"
    )


_THINGS = """
SELECT 'schema', schema_name, NULL FROM duckdb_schemas()
WHERE database_name = current_database()
UNION ALL SELECT 'table', schema_name || '.' || table_name, sql FROM duckdb_tables()
UNION ALL SELECT 'view', view_name, NULL FROM duckdb_views() WHERE NOT internal
UNION ALL SELECT 'macro', function_name, NULL FROM duckdb_functions() WHERE NOT internal
UNION ALL SELECT 'type', type_name, NULL FROM duckdb_types() WHERE NOT internal
UNION ALL SELECT 'sequence', sequence_name, NULL FROM duckdb_sequences()
UNION ALL SELECT 'index', index_name, NULL FROM duckdb_indexes()
"""
_TRIGGERS = " UNION ALL SELECT 'trigger', trigger_name, NULL FROM duckdb_triggers()"
_KNOWS_TRIGGERS = "SELECT 1 FROM duckdb_functions() WHERE function_name = 'duckdb_triggers'"


def foreign_things(path: Path) -> bool:
    """Return whether a file holds other tables than a warehouse's, or anything beside them.

    Raises `duckdb.Error` where it cannot be opened.
    """
    with closing(duckdb.connect(":memory:", config=_CLOSED)) as ours:
        _make_tables(ours)
        with closing(closed_duckdb(path, read_only=True)) as found:
            return _things_in(found) != _things_in(ours)


def _things_in(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    has_triggers = connection.execute(_KNOWS_TRIGGERS).fetchone()
    asked = _THINGS + (_TRIGGERS if has_triggers else "")
    return sorted(connection.execute(asked).fetchall(), key=repr)


class Warehouse:
    """A DuckDB file with one writer and many readers; safe to call from several threads.

    Every method blocks: call it through `asyncio.to_thread`. Of a `read_only` one nothing is
    written, no file beside it either, and it may only be asked.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._writing = threading.Lock()
        self._door = threading.Condition()
        self._readers = 0
        # Several questions at once would divide what little one may take, and fail.
        self._turns = threading.Semaphore(1) if is_scarce() else nullcontext()
        self._swapping = False
        if not read_only:
            self._fresh.unlink(missing_ok=True)
        self._root = self._opened()

    @property
    def _fresh(self) -> Path:
        return self._path.with_name(self._path.name + ".fresh")

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._read_only:
            connection = closed_duckdb(self._path, read_only=True)
            if len(connection.execute("SHOW TABLES").fetchall()) >= _TABLES:
                return connection
            connection.close()  # a start that was cut short has left it without tables, thus empty
        where = Path(":memory:") if self._read_only else self._path
        connection = closed_duckdb(where, [self._fresh])
        _make_tables(connection)
        return connection

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._turns, self._cursor() as cursor:
            yield cursor

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._door:
            self._door.wait_for(lambda: not self._swapping)
            cursor = self._root.cursor()
            self._readers += 1
        try:
            yield cursor
        finally:
            cursor.close()
            with self._door:
                self._readers -= 1
                self._door.notify_all()

    def ask(self, question: Question, *values: Any) -> pd.DataFrame:
        """Answer a question as a DataFrame; its SQL is compiled once for the same values."""
        return self.answer(sql_of(question, values))

    def ask_beside(
        self, tables: Mapping[str, pd.DataFrame], question: Question, *values: Any
    ) -> pd.DataFrame:
        """Answer a question that also reads tables from elsewhere, handed in by their names."""
        with self._reading() as cursor:
            for name, frame in tables.items():
                cursor.register(name, frame)
            return cursor.execute(sql_of(question, values)).df()

    def answer(self, sql: str, values: list[Any] | None = None) -> pd.DataFrame:
        """Answer SQL that comes from Ibis or from this file."""
        with self._reading() as cursor:
            return cursor.execute(sql, values or []).df()

    def watermark(self, journal: str) -> int:
        """Return the last journal row of this journal that the warehouse holds, or 0."""
        with self._reading() as cursor:
            row = cursor.execute("SELECT seq FROM shipped WHERE journal = ?", [journal]).fetchone()
        return int(row[0]) if row else 0

    def append(self, batch: pa.Table, journal: str, seq: int) -> None:
        """Store a batch as `batches.py` makes it and its watermark in one transaction."""
        with self._writing, self._transaction() as cursor:
            cursor.register("batch", batch)
            cursor.execute("INSERT INTO events BY NAME SELECT * FROM batch")
            cursor.execute("INSERT OR REPLACE INTO shipped VALUES (?, ?)", [journal, seq])
            cursor.unregister("batch")

    @contextmanager
    def _transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        cursor = self._root.cursor()
        try:
            cursor.execute("BEGIN")
            yield cursor
            cursor.execute("COMMIT")
        finally:
            cursor.close()  # an open transaction is rolled back

    def last_visits(self, since: Any) -> list[tuple[int, str, str, Any]]:
        """Give (site, visitor, visit, time of the last event) of visits alive since a UTC time."""
        with self._reading() as cursor:
            return cursor.execute(
                "SELECT site_id, visitor_id, arg_max(visit_id, time), max(time) FROM events"
                " WHERE time >= ? GROUP BY ALL",
                [since],
            ).fetchall()

    def event_ids_since(self, since: Any) -> list[tuple[str, int]]:
        """Return (event id, time in milliseconds) of the events since a UTC time."""
        with self._reading() as cursor:
            asked = "SELECT event_id, epoch_ms(time) FROM events WHERE time >= ?"
            return cursor.execute(asked, [since]).fetchall()

    def known_among(self, ids: Sequence[str], since: Any) -> set[str]:
        """Return those of the event ids that it holds, of events since a UTC time."""
        asked = "SELECT event_id FROM events WHERE time >= ?"
        asked += " AND event_id IN (SELECT unnest(?::VARCHAR[]))"
        with self._reading() as cursor:
            return {row[0] for row in cursor.execute(asked, [since, list(ids)]).fetchall()}

    def rows_of(self, site_id: int, visitor_id: str) -> pd.DataFrame:
        """Return every row of one visitor, oldest first."""
        return self.answer(
            "SELECT * FROM events WHERE site_id = ? AND visitor_id = ? ORDER BY time, event_id",
            [site_id, visitor_id],
        )

    def delete_visitor(self, site_id: int, visitor_id: str) -> int:
        """Delete a visitor's rows and give their number; `rewrite` removes the bytes."""
        return self._delete("site_id = ? AND visitor_id = ?", [site_id, visitor_id])

    def delete_site(self, site_id: int) -> int:
        """Delete a site's rows and give their number; `rewrite` removes the bytes."""
        return self._delete("site_id = ?", [site_id])

    def counts_of(self, site_id: int) -> tuple[int, int]:
        """Return the numbers of a site's events and of the visitors that they are of."""
        asked = "SELECT count(*), count(DISTINCT visitor_id) FROM events WHERE site_id = ?"
        with self._reading() as cursor:
            row = cursor.execute(asked, [site_id]).fetchone()
        return (int(row[0]), int(row[1])) if row else (0, 0)

    def delete_before(self, site_id: int, time: Any, version: int | None = None) -> int:
        """Delete a site's rows older than a UTC time and give their number.

        With `version` only those recorded under this version of its policy.
        """
        where, values = "site_id = ? AND time < ?", [site_id, time]
        if version is None:
            return self._delete(where, values)
        return self._delete(f"{where} AND policy_version = ?", [*values, version])

    def _delete(self, where: str, values: list[Any]) -> int:
        with self._writing, self._transaction() as cursor:
            row = cursor.execute(f"DELETE FROM events WHERE {where}", values).fetchone()
            return int(row[0]) if row else 0

    def rewrite(self) -> None:
        """Copy what is left to a fresh file and take its place, so that deleted bytes are gone.

        DuckDB marks deleted rows and keeps their bytes until their block is reused.
        """
        with self._writing:
            self._copy()
            with self._door:
                self._swapping = True  # who wants to read now waits, so that the readers run out
                self._door.wait_for(lambda: self._readers == 0)
                try:
                    self._root.close()
                    os.replace(self._fresh, self._path)
                    sync(self._path.parent)  # else a loss of power brings the deleted bytes back
                finally:
                    self._root = self._opened()
                    self._swapping = False
                    self._door.notify_all()

    def copy_to(self, path: Path) -> None:
        """Write a whole copy, without deleted bytes, to a file that is not there yet.

        Rows that are written meanwhile wait; reading goes on. The copy is made beside the warehouse
        and moved, because no other file may be attached.
        """
        with self._writing:
            self._copy()
            shutil.move(self._fresh, path)

    def _copy(self) -> None:
        self._fresh.unlink(missing_ok=True)
        with self._reading() as cursor:
            row = cursor.execute("SELECT current_database()").fetchone()
            name = str(row[0] if row else "").replace('"', '""')
            cursor.execute(f"ATTACH {_quoted(str(self._fresh))} AS fresh")
            try:
                cursor.execute(f'COPY FROM DATABASE "{name}" TO fresh')
            finally:
                cursor.execute("DETACH fresh")
        sync(self._fresh)

    def close(self) -> None:
        """Close the file; what was written is checkpointed."""
        with self._writing:
            self._root.close()
