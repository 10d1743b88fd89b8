"""A warehouse file of the first form, one table of strings, as it is read to be converted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from askfirst.store.warehouse.duckdb.files import BY_THE_MACHINE, Limits, closed_duckdb
from askfirst.store.warehouse.duckdb.sums import TEXTS, Form, Span, Sums, sums_of

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS: dict[str, str] = {
    "site_id": "INTEGER",
    "event_id": "VARCHAR",
    "kind": "VARCHAR",
    "time": "TIMESTAMP",
    "visitor_id": "VARCHAR",
    "visit_id": "VARCHAR",
    "consent_id": "VARCHAR",
    "policy_version": "INTEGER",
    **dict.fromkeys(TEXTS, "VARCHAR"),
}
"""The columns of the table `events` of that form, which never change any more."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS events ("
    + ", ".join(f"{name} {kind} NOT NULL" for name, kind in COLUMNS.items())
    + ")",
    "CREATE TABLE IF NOT EXISTS shipped (journal VARCHAR PRIMARY KEY, seq BIGINT NOT NULL)",
)
"""The statements that made such a file."""

_MINUTES = """
SELECT epoch_ms(time) // 60000 AS minute, count(*) FROM events GROUP BY minute ORDER BY minute
"""
_SPAN = """
SELECT * FROM events WHERE time >= make_timestamp({first}::BIGINT * 1000)
AND time < make_timestamp({end}::BIGINT * 1000)
"""
_VISITORS = "SELECT site_id, count(DISTINCT visitor_id) FROM events GROUP BY site_id"


def fold_log(path: Path) -> None:
    """Write what the log beside the file has into the file, so that the file is all there is.

    Tables that a start that was cut short did not make are made.
    """
    with closing(closed_duckdb(path)) as connection:
        for statement in TABLES:
            connection.execute(statement)
        connection.execute("FORCE CHECKPOINT")


def journals_shipped(path: Path) -> dict[str, int]:
    """Return the number of the last row of each journal that a file holds."""
    with closing(FormOne(path)) as opened:
        return dict(opened.shipped())


class FormOne:
    """An open file of the first form; it is only read, and nobody else may have it open."""

    def __init__(self, path: Path, limits: Limits = BY_THE_MACHINE) -> None:
        self._connection = closed_duckdb(path, read_only=True, limits=limits)

    def shipped(self) -> list[tuple[str, int]]:
        """Return each journal with the number of its last row that the file holds."""
        return self._connection.execute("SELECT journal, seq FROM shipped").fetchall()

    def events(self) -> int:
        """Return the number of events."""
        row = self._connection.execute("SELECT count(*) FROM events").fetchone()
        return int(row[0]) if row else 0

    def batches(self, most: int) -> Iterator[pa.Table]:
        """Yield the events in the order of their time, about so many at once.

        Each batch is all events of some whole minutes, so only a slice of the file is ever sorted:
        the memory that is needed does not grow with the file.
        """
        for first, end in self.spans(most):
            rows = f"{_SPAN.format(first=first, end=end)} ORDER BY time, event_id"
            yield self._connection.sql(rows).to_arrow_table()

    def spans(self, most: int) -> Iterator[Span]:
        """Yield spans of whole minutes with about so many events each."""
        for first, end in self._minutes(most):
            yield first * 60_000, end * 60_000

    def _minutes(self, most: int) -> Iterator[tuple[int, int]]:
        begin, last, size = None, 0, 0
        for minute, events in self._connection.execute(_MINUTES).fetchall():
            if begin is not None and size + events > most:
                yield begin, minute
                begin, size = None, 0
            begin, last, size = minute if begin is None else begin, minute, size + events
        if begin is not None:
            yield begin, last + 1

    def sums(self, spans: Iterable[Span]) -> Sums:
        """Return what the events add up to, to be compared with the converted file."""
        return sums_of(self._connection, Form(_SPAN, _VISITORS), spans)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
