"""The warehouse: enriched events in columns, stored, read, deleted and rewritten by an engine.

It opens at once: Ibis and pandas are loaded when the first query is made.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from askfirst.store.warehouse.compiled import Question
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.logical.scope import NOT_SUMMARISED, Summarised

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd
    import pyarrow as pa

    from askfirst.store.warehouse.appending.appender import Appender
    from askfirst.store.warehouse.engine import Engine, Operation, Reader, Value
    from askfirst.store.warehouse.page import Page


class Warehouse:
    """One warehouse with one writer and many readers; safe to call from several threads.

    `append` a batch, `ask` a question, `delete_visitor` and then `rewrite`. Every method blocks:
    call it through `asyncio.to_thread`. A path opens a DuckDB file; one opened as `read_only`
    writes nothing, not even a file beside it, and can only be read.
    """

    def __init__(self, where: Path | Engine, *, read_only: bool = False) -> None:
        opened = DuckDBEngine(where, read_only=read_only) if isinstance(where, Path) else where
        self.engine: Engine = opened
        self._writing = threading.Lock()
        self._kept_appender: Appender | None = None
        self._watermarks: dict[str, int] = {}

    @property
    def dialect(self) -> str:
        """The name by which Ibis knows the engine."""
        return self.engine.dialect

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Yield a reader of the stored tables."""
        with self.engine.reading() as reader:
            yield reader

    def page(self) -> Page:
        """Return what answers the questions of one page, which may share relations."""
        from askfirst.store.warehouse.page import Page  # noqa: PLC0415 - Arrow takes 0.2 s

        return Page(self.reading, self.dialect)

    def ask(self, question: Question, *values: Any) -> pd.DataFrame:
        """Answer a question as a DataFrame; its SQL is compiled once for values of one shape."""
        return self.page().ask(question, *values)

    def ask_beside(
        self, tables: Mapping[str, pd.DataFrame], question: Question, *values: Any
    ) -> pd.DataFrame:
        """Answer a question that also reads other tables, passed by their names."""
        from askfirst.store.warehouse.page import rows_of_frame  # noqa: PLC0415 - Arrow takes 0.2 s

        page = self.page()
        for name, frame in tables.items():
            page.keep_rows(name, rows_of_frame(frame))
        return page.ask(question, *values)

    def summarised(self, site_id: int) -> Summarised:
        """Return how far the summaries of a site go."""
        from askfirst.store.warehouse.logical.summaries import summarised_of  # noqa: PLC0415

        rows = self.page().rows(summarised_of, site_id).to_pylist()
        return Summarised(rows[0]["zone"], rows[0]["closed_until"]) if rows else NOT_SUMMARISED

    def answer(self, sql: str, values: Mapping[str, Value] | None = None) -> pd.DataFrame:
        """Run SQL that comes from Ibis or from this folder, and return its rows."""
        with self.reading() as reader:
            return _frame(reader.arrow(sql, values))

    def watermark(self, journal: str) -> int:
        """Return the number of the last row of this journal that the warehouse holds, or 0."""
        with self._writing:
            self.engine.settle()
            self._watermarks[journal] = self._read_watermark(journal)
            return self._watermarks[journal]

    def _read_watermark(self, journal: str) -> int:
        from askfirst.store.warehouse import lookups  # noqa: PLC0415 - Arrow takes 0.2 s

        with self.reading() as reader:
            return lookups.watermark(reader, self.dialect, journal)

    def append(self, batch: pa.Table, journal: str, seq: int) -> None:
        """Store a batch, made by `batches.batch_of`, and its watermark: both or neither.

        Raises `StaleWatermark` where the watermark is not what `watermark` has returned: an earlier
        batch whose end was not heard of is stored after all, and this one may hold its events.
        """
        from askfirst.store.warehouse.appending.rows import insert_columns  # noqa: PLC0415

        shipped = insert_columns("shipped", {"journal": [journal], "seq": [seq]})
        with self._writing:
            self.engine.settle()
            self._refuse_stale(journal)
            appender = self._appender()
            with self.reading() as reader:
                prepared = appender.prepare(reader, batch)
            self.engine.commit([*prepared.operations, shipped], f"{journal}:{seq}")
            appender.learn(prepared)
            self._watermarks[journal] = seq

    def _refuse_stale(self, journal: str) -> None:
        told = self._watermarks.get(journal)
        if told is not None and told != self._read_watermark(journal):
            del self._watermarks[journal]
            raise StaleWatermark(journal)

    def _appender(self) -> Appender:
        if self._kept_appender is None:
            from askfirst.store.warehouse.appending.appender import Appender  # noqa: PLC0415

            self._kept_appender = Appender(self.dialect)
        return self._kept_appender

    def last_visits(self, since: datetime) -> list[tuple[int, str, str, datetime, datetime]]:
        """Return (site, visitor, visit, start, last event's time) of visits since a UTC time."""
        from askfirst.store.warehouse import lookups  # noqa: PLC0415 - Arrow takes 0.2 s

        with self.reading() as reader:
            return lookups.last_visits(reader, self.dialect, since)

    def event_ids_since(self, since: datetime) -> list[tuple[str, int]]:
        """Return (event id, time in milliseconds) of the events since a UTC time."""
        from askfirst.store.warehouse import lookups  # noqa: PLC0415 - Arrow takes 0.2 s

        with self.reading() as reader:
            return lookups.event_ids_since(reader, self.dialect, since)

    def known_among(self, ids: Sequence[str], since: datetime) -> set[str]:
        """Return the event ids that it holds among these, of events since a UTC time."""
        from askfirst.store.warehouse import lookups  # noqa: PLC0415 - Arrow takes 0.2 s

        with self.reading() as reader:
            return lookups.known_among(reader, self.dialect, ids, since)

    def _change(self, operations: Sequence[Operation], token: str) -> None:
        """Carry out operations that delete rows; the caller holds the writer's lock."""
        self.engine.commit(operations, token)
        if self._kept_appender:
            self._kept_appender.forget()

    def rewrite(self) -> None:
        """Remove the bytes of deleted rows from the engine's files."""
        with self._writing:
            self.engine.rewrite()

    def copy_to(self, path: Path) -> None:
        """Write a complete copy, without deleted bytes, to a file that does not exist yet.

        Writers wait meanwhile; readers do not.
        """
        with self._writing:
            self.engine.copy_to(path)

    def close(self) -> None:
        """Close the connection; what was written is safe."""
        with self._writing:
            self.engine.close()


def _frame(rows: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = rows.to_pandas()
    return frame
