"""The warehouse: enriched events in columns, stored, read, deleted and rewritten (DuckDB).

It opens at once: Ibis and pandas are loaded when the first query is made.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from askfirst.events import EVENT_COLUMNS
from askfirst.store.warehouse.duckdb_files import closed_duckdb, quoted
from askfirst.store.warehouse.schema import create_tables, has_tables
from askfirst.store.warehouse.shared_connection import SharedConnection
from askfirst.system.durable_files import sync
from askfirst.system.memory import is_scarce

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import pyarrow as pa

Question = Callable[..., Any]
"""A function of hashable values that returns an Ibis table expression over `events_table()`."""


def events_table() -> Any:
    """Return the unbound Ibis table `events`, from which every question starts."""
    import ibis  # noqa: PLC0415 - half a second, and only a question needs it

    return ibis.table(EVENT_COLUMNS, name="events")


@lru_cache(maxsize=2048)
def sql_of(question: Question, values: tuple[Any, ...]) -> str:
    """Return a question's SQL; the first call loads the compiler."""
    import ibis  # noqa: PLC0415 - half a second, and only a question needs it

    return str(ibis.to_sql(question(*values), dialect="duckdb", pretty=False))


class Warehouse:
    """A DuckDB file with one writer and many readers; safe to call from several threads.

    `append` a batch, `ask` a question, `delete_visitor` and then `rewrite`. Every method blocks:
    call it through `asyncio.to_thread`. One opened as `read_only` writes nothing, not even a file
    beside it, and can only be read.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._fresh = path.with_name(f"{path.name}.fresh")
        self._read_only = read_only
        self._writing = threading.Lock()
        # Several questions at once would share what little memory one may take, and fail.
        self._turns = threading.Semaphore(1) if is_scarce() else nullcontext()
        if not read_only:
            self._fresh.unlink(missing_ok=True)
        self._connection = SharedConnection(self._opened)

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._read_only:
            connection = closed_duckdb(self._path, read_only=True)
            if has_tables(connection):
                return connection
            connection.close()
        where = Path(":memory:") if self._read_only else self._path  # one without tables is empty
        connection = closed_duckdb(where, [self._fresh])
        create_tables(connection)
        return connection

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._turns, self._connection.reading() as cursor:
            yield cursor

    def ask(self, question: Question, *values: Any) -> pd.DataFrame:
        """Answer a question as a DataFrame; its SQL is compiled once for the same values."""
        return self.answer(sql_of(question, values))

    def ask_beside(
        self, tables: Mapping[str, pd.DataFrame], question: Question, *values: Any
    ) -> pd.DataFrame:
        """Answer a question that also reads other tables, passed by their names."""
        with self._reading() as cursor:
            for name, frame in tables.items():
                cursor.register(name, frame)
            return cursor.execute(sql_of(question, values)).df()

    def answer(self, sql: str, values: list[Any] | None = None) -> pd.DataFrame:
        """Run SQL that comes from Ibis or from this file, and return its rows."""
        with self._reading() as cursor:
            return cursor.execute(sql, values or []).df()

    def watermark(self, journal: str) -> int:
        """Return the number of the last row of this journal that the warehouse holds, or 0."""
        with self._reading() as cursor:
            row = cursor.execute("SELECT seq FROM shipped WHERE journal = ?", [journal]).fetchone()
        return int(row[0]) if row else 0

    def append(self, batch: pa.Table, journal: str, seq: int) -> None:
        """Store a batch, made by `batches.batch_of`, and its watermark in one transaction."""
        with self._writing, self._connection.transaction() as cursor:
            cursor.register("batch", batch)
            cursor.execute("INSERT INTO events BY NAME SELECT * FROM batch")
            cursor.execute("INSERT OR REPLACE INTO shipped VALUES (?, ?)", [journal, seq])
            cursor.unregister("batch")

    def last_visits(self, since: Any) -> list[tuple[int, str, str, Any, Any]]:
        """Return (site, visitor, visit, times of its first and last event) of visits since a time.

        The time is UTC. Of a visitor with several such visits only the last is returned.
        """
        statement = (
            "WITH visits AS (SELECT site_id, visitor_id, visit_id, min(time) first, max(time) last"
            " FROM events WHERE time >= ? - INTERVAL 28 HOUR GROUP BY ALL)"
            " SELECT site_id, visitor_id, arg_max(visit_id, last), arg_max(first, last), max(last)"
            " FROM visits WHERE last >= ? GROUP BY ALL"
        )
        with self._reading() as cursor:
            return cursor.execute(statement, [since, since]).fetchall()

    def event_ids_since(self, since: Any) -> list[tuple[str, int]]:
        """Return (event id, time in milliseconds) of the events since a UTC time."""
        statement = "SELECT event_id, epoch_ms(time) FROM events WHERE time >= ?"
        with self._reading() as cursor:
            return cursor.execute(statement, [since]).fetchall()

    def known_among(self, ids: Sequence[str], since: Any) -> set[str]:
        """Return the event ids that it holds among these, of events since a UTC time."""
        statement = "SELECT event_id FROM events WHERE time >= ?"
        statement += " AND event_id IN (SELECT unnest(?::VARCHAR[]))"
        with self._reading() as cursor:
            rows = cursor.execute(statement, [since, list(ids)]).fetchall()
        return {event_id for (event_id,) in rows}

    def rows_of(self, site_id: int, visitor_id: str) -> pd.DataFrame:
        """Return every row of one visitor, oldest first."""
        return self.answer(
            "SELECT * FROM events WHERE site_id = ? AND visitor_id = ? ORDER BY time, event_id",
            [site_id, visitor_id],
        )

    def delete_visitor(self, site_id: int, visitor_id: str) -> int:
        """Delete a visitor's rows and return their number; `rewrite` removes the bytes."""
        return self._delete("site_id = ? AND visitor_id = ?", [site_id, visitor_id])

    def delete_site(self, site_id: int) -> int:
        """Delete a site's rows and return their number; `rewrite` removes the bytes."""
        return self._delete("site_id = ?", [site_id])

    def counts_of(self, site_id: int) -> tuple[int, int]:
        """Return the number of a site's events and that of its visitors."""
        statement = "SELECT count(*), count(DISTINCT visitor_id) FROM events WHERE site_id = ?"
        with self._reading() as cursor:
            events, visitors = cursor.execute(statement, [site_id]).fetchall()[0]
        return int(events), int(visitors)

    def delete_before(self, site_id: int, time: Any, version: int | None = None) -> int:
        """Delete a site's rows older than a UTC time and return their number.

        With `version`, only those recorded under this version of its policy.
        """
        where, values = "site_id = ? AND time < ?", [site_id, time]
        if version is None:
            return self._delete(where, values)
        return self._delete(f"{where} AND policy_version = ?", [*values, version])

    def _delete(self, where: str, values: list[Any]) -> int:
        with self._writing, self._connection.transaction() as cursor:
            row = cursor.execute(f"DELETE FROM events WHERE {where}", values).fetchone()
            return int(row[0]) if row else 0

    def rewrite(self) -> None:
        """Replace the file by a copy of its rows, so that the bytes of deleted ones are gone.

        DuckDB marks deleted rows and keeps their bytes until their block is reused.
        """
        with self._writing:
            self._copy()
            self._connection.exchange(self._take_fresh)

    def _take_fresh(self) -> None:
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
        self._fresh.unlink(missing_ok=True)
        with self._reading() as cursor:
            row = cursor.execute("SELECT current_database()").fetchone()
            name = str(row[0] if row else "").replace('"', '""')
            cursor.execute(f"ATTACH {quoted(str(self._fresh))} AS fresh")
            try:
                cursor.execute(f'COPY FROM DATABASE "{name}" TO fresh')
            finally:
                cursor.execute("DETACH fresh")
        sync(self._fresh)

    def close(self) -> None:
        """Close the file; what was written is checkpointed."""
        with self._writing:
            self._connection.close()
