"""The warehouse: enriched events in columns, stored, read, deleted and rewritten by an engine.

It opens at once: Ibis and pandas are loaded when the first query is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from askfirst.store.warehouse.compiled import Question, Text, shape_of
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.identifiers import FORMS, stored_id
from askfirst.store.warehouse.logical.scope import NOT_SUMMARISED, Summarised
from askfirst.store.warehouse.time_limit import TimeLimit
from askfirst.store.warehouse.writer import WarehouseWriter

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd
    import pyarrow as pa

    from askfirst.store.warehouse.answering.page import Page
    from askfirst.store.warehouse.engine import Engine, Value
    from askfirst.store.warehouse.ruling.asked import Asked
    from askfirst.store.warehouse.ruling.preview import Preview


_READ_AT_MOST = 3
"""How often rows are read until no deletion comes between them and their texts."""


class Warehouse(WarehouseWriter):
    """One warehouse with one writer and many readers; safe to call from several threads.

    `append` a batch, `ask` a question, `delete_visitor` and then `rewrite`. Every method blocks:
    call it through `asyncio.to_thread`. A path opens a DuckDB file; one opened as `read_only`
    writes nothing, not even a file beside it, and can only be read. `page_seconds` is how long the
    questions of one page may take together; by default they may take any time.
    """

    def __init__(
        self, where: Path | Engine, *, read_only: bool = False, page_seconds: float | None = None
    ) -> None:
        opened = DuckDBEngine(where, read_only=read_only) if isinstance(where, Path) else where
        super().__init__(opened)
        self.page_seconds = page_seconds

    def page(self, site_id: int | None = None) -> Page:
        """Return what answers the questions of one page, which may share relations.

        Whatever of them has not ended in `page_seconds` is interrupted, and raises `TookTooLong`.
        With the id of a site, all questions are about this site, and answers that nothing has
        changed since are not asked for again, where the engine `is_alone`.
        """
        limit = None if self.page_seconds is None else TimeLimit(self.page_seconds)
        return self._page(limit, site_id if self.engine.is_alone else None)

    def _page(self, limit: TimeLimit | None = None, site_id: int | None = None) -> Page:
        from askfirst.store.warehouse.answering.page import Page  # noqa: PLC0415 - Arrow takes 0.2 s

        known = None if site_id is None else (self.known, site_id)
        memory = self.known if self.engine.is_alone else None
        return Page(self.reading, self.dialect, limit, known, memory)

    def ask(self, question: Question, *values: Any) -> pd.DataFrame:
        """Answer a question as a DataFrame; its SQL is compiled once for values of one shape."""
        return self.page().ask(question, *values)

    def ask_beside(
        self, tables: Mapping[str, pd.DataFrame], question: Question, *values: Any
    ) -> pd.DataFrame:
        """Answer a question that also reads other tables, passed by their names."""
        from askfirst.store.warehouse.answering.page import rows_of_frame  # noqa: PLC0415 - Arrow takes 0.2 s

        page = self.page()
        for name, frame in tables.items():
            page.keep_rows(name, rows_of_frame(frame))
        return page.ask(question, *values)

    def summarised(self, site_id: int) -> Summarised:
        """Return how far the summaries of a site go."""
        from askfirst.store.warehouse.logical.summaries import summarised_of  # noqa: PLC0415

        rows = self.page(site_id).rows_of_closed_days(summarised_of, site_id).to_pylist()
        return Summarised(rows[0]["zone"], rows[0]["closed_until"]) if rows else NOT_SUMMARISED

    def set_sides(self, site_id: int, leaves_out: Callable[[str], bool]) -> int:
        """Move what stands on the wrong side of a site, and return the number of its events.

        `leaves_out` says of a rule whether the reports leave out what it fits. What was shipped
        while a rule was switched, or a switch that was cut short has left, is put right by it.
        """
        from askfirst.store.warehouse.logical.sides import rules  # noqa: PLC0415 - Ibis

        found = self._page().rows(rules, site_id).to_pylist()
        wrong = [one["rule"] for one in found if leaves_out(one["rule"]) != one["left_out"]]
        return sum(self.set_left_out(site_id, rule, left_out=leaves_out(rule)) for rule in wrong)

    def preview_rules(self, asked: Asked, start: int, end: int) -> Preview:
        """Return what rules would change in the reports of a site between two times (ms)."""
        from askfirst.store.warehouse.ruling.preview import preview  # noqa: PLC0415 - Arrow

        with self._source() as source:
            return preview(source, asked, start, end)

    def number_against_rules(self, asked: Asked) -> int:
        """Return how many events are stored otherwise than an owner's rules say."""
        from askfirst.store.warehouse.ruling.rewriting import number_of_wrong  # noqa: PLC0415

        with self._source() as source:
            return number_of_wrong(source, asked)

    def rows_of(self, site_id: int, *visitor_ids: str) -> pd.DataFrame:
        """Return every row of some visitor ids, oldest first, with the columns of `EVENT_COLUMNS`.

        They are read by one question.
        """
        from askfirst.store.warehouse.logical import rows  # noqa: PLC0415 - Ibis takes half a second

        return self._text_rows(rows.events_of_visitor, site_id, _visitors(visitor_ids))

    def number_of_rows_of(self, site_id: int, *visitor_ids: str) -> int:
        """Return the number of the same rows."""
        from askfirst.store.warehouse.logical import rows  # noqa: PLC0415 - Ibis takes half a second

        asked = (site_id, _visitors(visitor_ids))
        found = self.page().rows(rows.number_of_visitor_events, *asked)
        return int(found["events"][0].as_py())

    def events(self, site_id: int | None = None) -> pd.DataFrame:
        """Return every row of a site, or of all, oldest first, with the columns of `EVENT_COLUMNS`.

        It holds all of them in memory.
        """
        from askfirst.store.warehouse.logical import rows  # noqa: PLC0415 - Ibis takes half a second

        if site_id is None:
            return self._text_rows(rows.all_events)
        return self._text_rows(rows.events_of_site, site_id)

    def events_of_period(self, site_id: int, start: int, end: int) -> pa.Table:
        """Return the rows that count in the reports of a site, between two times in ms, as Arrow.

        They are oldest first, with the columns of `EVENT_COLUMNS`; all of them are in memory.
        """
        from askfirst.store.warehouse.logical import rows  # noqa: PLC0415 - Ibis takes half a second

        return self._text_table(rows.events_of_period, site_id, start, end)

    def number_of_events(self, site_id: int, start: int, end: int) -> int:
        """Return the number of the same rows."""
        from askfirst.store.warehouse.logical import rows  # noqa: PLC0415 - Ibis takes half a second

        found = self.page().rows(rows.number_of_events, site_id, start, end)
        return int(found["events"][0].as_py())

    def _text_rows(self, question: Question, *values: Any) -> pd.DataFrame:
        return _frame(self._text_table(question, *values))

    def _text_table(self, question: Question, *values: Any) -> pa.Table:
        from askfirst.store.warehouse.logical import rows  # noqa: PLC0415 - Ibis takes half a second
        from askfirst.store.warehouse.logical.identifiers import other_ids  # noqa: PLC0415

        page = self._page()
        for _ in range(_READ_AT_MOST):
            found = page.rows(question, *values)
            page.keep_rows(rows.WANTED, wanted := rows.wanted_texts(found))
            texts = page.rows(rows.texts_wanted)
            if texts.num_rows >= wanted.num_rows:
                break  # else some of these rows were deleted meanwhile, and so are not to be shown
        others = page.rows(other_ids).to_pydict()
        known = dict(zip(others["id"], others["text"], strict=True))
        return rows.text_rows(found, texts, known)

    def counts_of(self, site_id: int) -> tuple[int, int]:
        """Return the number of a site's events and that of its visitors."""
        from askfirst.store.warehouse.logical.rows import size_of_site  # noqa: PLC0415 - Ibis

        row = self.page().rows(size_of_site, site_id).to_pylist()[0]
        return int(row["events"]), int(row["visitors"])

    def answer(self, sql: str, values: Mapping[str, Value] | None = None) -> pd.DataFrame:
        """Run SQL that comes from Ibis or from this folder, and return its rows."""
        with self.reading() as reader:
            return _frame(reader.arrow(sql, values))

    def last_visits(
        self, since: datetime, until: datetime | None = None
    ) -> list[tuple[int, str, str, datetime, datetime]]:
        """Return (site, visitor, visit, start, last event's time) of visits since a UTC time.

        Events from `until` on are passed over.
        """
        from askfirst.store.warehouse.last_visits import last_visits  # noqa: PLC0415 - Arrow

        with self._source() as source:
            return last_visits(source, since, until)

    def visits(self) -> list[tuple[int, str, str]]:
        """Return (site, visitor, visit) of every visit."""
        from askfirst.store.warehouse import lookups  # noqa: PLC0415 - Arrow takes 0.2 s

        with self.reading() as reader:
            return lookups.visits(reader, self.dialect)

    def visitors_between(self, first: int, until: int) -> list[tuple[int, str]]:
        """Return (site, visitor) of whoever has an event from a time on and before another (ms)."""
        from askfirst.store.warehouse import lookups  # noqa: PLC0415 - Arrow takes 0.2 s

        with self.reading() as reader:
            return lookups.visitors_between(reader, self.dialect, first, until)

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


def _visitors(visitor_ids: Sequence[str]) -> tuple[Text, ...]:
    """Return ids as they are stored; the last is there again, so that there are few shapes."""
    ids = [Text(stored_id(one, FORMS["visitor_id"])) for one in visitor_ids]
    return tuple(ids + ids[-1:] * (shape_of(len(ids)) - len(ids)))


def _frame(rows: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = rows.to_pandas()
    return frame
