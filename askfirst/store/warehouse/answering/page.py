"""The questions of one page, which share relations that are found once."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from askfirst.store.warehouse.answering.answers import (
    Answers,
    Found,
    Kept,
    Statement,
    whole_numbers,
)
from askfirst.store.warehouse.answering.changed import CLOSED_DAYS, FOR_EVER
from askfirst.store.warehouse.answering.known_answers import Remembered
from askfirst.store.warehouse.compiled import Question, compiled
from askfirst.store.warehouse.logical.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from askfirst.store.warehouse.answering.answers import Readers
    from askfirst.store.warehouse.answering.known_answers import KnownAnswers
    from askfirst.store.warehouse.time_limit import TimeLimit

T = TypeVar("T")


class Page:
    """Answers questions, several at once from different threads; each method blocks.

    `keep` gives the answer of a question a name: questions that are asked later may start from it
    as from a table. It is found when the first of them needs it. Each question reads what is there
    when it is asked, and raises `TookTooLong` at the end of the page's `limit`. With `known`,
    all are about this one site, and an answer that nothing has changed since is not asked again.
    `memory` remembers what pages find out about closed days.
    """

    def __init__(
        self,
        reading: Readers,
        dialect: str,
        limit: TimeLimit | None = None,
        known: tuple[KnownAnswers, int] | None = None,
        memory: KnownAnswers | None = None,
    ) -> None:
        self._answers = Answers(reading, limit, known)
        self._dialect = dialect
        self._memory = memory
        self._kept: dict[str, Kept] = {}
        self._free = count()

    def keep(self, name: str, question: Question, *values: Any) -> None:
        """Let the rows of a question be the relation `name`."""
        self.keep_all({name: [(question, *values)]})

    def keep_all(self, asked: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
        """Let relations by name be the rows of several questions, each with its values.

        They start from what the page keeps by now.
        """
        for name, several in asked.items():
            parts = [self._statement(*one) for one in several]
            keys = tuple(one.key for one in parts)
            key, until = keys if all(keys) else None, max(one.until for one in parts)
            self._kept[name] = Kept(key, until, partial(self._answers.joined, parts, until))

    def keep_found(
        self,
        name: str,
        key: Hashable,
        scope: Scope,
        starts_from: str,
        find: Callable[[pa.Table], pa.Table],
    ) -> None:
        """Let the relation `name` be what `find` finds of a scope; `key` says what that is.

        It is handed the rows of the relation `starts_from`, which the page keeps.
        """
        answers, kept = self._answers, self._kept[starts_from]

        def found() -> Found:
            reading = answers.reading_until(scope.end)
            rows = find(kept.rows())
            return Found(rows, (reading, *kept.readings()))

        known = (key, kept.key) if kept.key else None
        self._kept[name] = Kept(known, scope.end, found)

    def free_name(self, name: str) -> str:
        """Return a new name for a relation, which begins like this."""
        return f"{name}_{next(self._free)}"

    def keep_rows(self, name: str, rows: pa.Table) -> None:
        """Keep rows as the relation `name`."""
        self._kept[name] = Kept(None, FOR_EVER, lambda: Found(rows))

    def ask(self, question: Question, *values: Any) -> pd.DataFrame:
        """Answer a question as a DataFrame."""
        frame: pd.DataFrame = self.rows(question, *values).to_pandas()
        return frame

    def rows(self, question: Question, *values: Any) -> pa.Table:
        """Answer a question as an Arrow table."""
        return self._answers.of(self._statement(question, *values))

    def rows_of_closed_days(self, question: Question, *values: Any) -> pa.Table:
        """Answer a question about closed days alone, which no batch changes by adding rows."""
        return self._answers.of(replace(self._statement(question, *values), until=CLOSED_DAYS))

    def rows_beside(
        self, beside: Mapping[str, pa.Table], question: Question, *values: Any
    ) -> pa.Table:
        """Answer a question that reads other tables, too, by their names."""
        sql, parameters = compiled(question, values, self._dialect)
        with self._answers.reader() as reader:
            return whole_numbers(reader.arrow(sql, parameters, beside))

    def remembered(self, key: Hashable, site: int, until: int) -> Remembered:
        """Return what is remembered by a key about a site before a time (ms), to be added to."""
        if self._memory is None:
            return Remembered(None, lambda _rows, _longest: None)
        return self._memory.remembered(key, site, until)

    def stream(
        self, sink: Callable[[Iterator[pa.RecordBatch]], T], question: Question, *values: Any
    ) -> T:
        """Return what `sink` makes of the rows of an answer, of which few are in memory.

        It is called again, from the first row on, where memory did not suffice.
        """
        asked = self._statement(question, *values)
        beside = asked.found()
        with self._answers.reader() as reader:
            return reader.stream(asked.sql, asked.values, beside, sink)

    def _statement(self, question: Question, *values: Any) -> Statement:
        sql, parameters = compiled(question, values, self._dialect)
        kept = list(self._kept.items())  # another thread may keep one more meanwhile
        beside = {name: one for name, one in kept if f'"{name}"' in sql}
        starts = tuple((name, one.key) for name, one in beside.items())
        is_known = all(key for _, key in starts)
        key = (sql, *parameters.values(), *starts) if is_known else None
        until = max([told_until(values), *(one.until for one in beside.values())])
        return Statement(sql, parameters, beside, key, until)


def told_until(values: Sequence[Any]) -> int:
    """Return until when (ms) a question with these values tells: to the end of its scopes.

    Of visits that began before it it may tell the rest, and of visitors what they did earlier. A
    question without a scope may tell of anything.
    """
    ends = [one.end for one in values if isinstance(one, Scope)]
    return max(ends) if ends else FOR_EVER


def rows_of_frame(frame: pd.DataFrame) -> pa.Table:
    """Return a DataFrame's rows as Arrow, with texts in the form that all engines take."""
    rows = pa.Table.from_pandas(frame, preserve_index=False)
    types = [
        pa.field(one.name, pa.string() if pa.types.is_large_string(one.type) else one.type)
        for one in rows.schema
    ]
    return rows.cast(pa.schema(types))
