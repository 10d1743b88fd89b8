"""The questions of one page, which share relations that are found once."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from askfirst.store.warehouse.answering.at_once import at_once
from askfirst.store.warehouse.answering.changed import CLOSED_DAYS, FOR_EVER
from askfirst.store.warehouse.answering.known_answers import Remembered
from askfirst.store.warehouse.compiled import Question, compiled
from askfirst.store.warehouse.logical.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from askfirst.store.warehouse.answering.known_answers import KnownAnswers, Reading
    from askfirst.store.warehouse.engine import Reader
    from askfirst.store.warehouse.time_limit import TimeLimit

    Readers = Callable[[TimeLimit | None], AbstractContextManager[Reader]]

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
        self._reading = reading
        self._limit = limit
        self._dialect = dialect
        self._known = known
        self._memory = memory
        self._kept: dict[str, _Kept] = {}
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
            self._kept[name] = _Kept(key, until, partial(self._joined, parts, until))

    def keep_found(
        self, name: str, key: Hashable, scope: Scope, find: Callable[[], pa.Table]
    ) -> None:
        """Let the relation `name` be what `find` finds of a scope; `key` says what that is."""

        def found() -> _Found:
            reading = self._known[0].reading(self._known[1], scope.end) if self._known else None
            return _Found(find(), (reading,))

        self._kept[name] = _Kept((key,), scope.end, found)

    def _joined(self, parts: Sequence[_Statement], until: int) -> _Found:
        reading = self._known[0].reading(self._known[1], until) if self._known else None
        rows = at_once([partial(self._answer, one) for one in parts])
        starts = [kept for one in parts for kept in one.beside.values()]
        joined = pa.concat_tables(rows, promote_options="permissive")
        return _Found(joined, (reading, *(one for kept in starts for one in kept.readings())))

    def free_name(self, name: str) -> str:
        """Return a new name for a relation, which begins like this."""
        return f"{name}_{next(self._free)}"

    def keep_rows(self, name: str, rows: pa.Table) -> None:
        """Keep rows as the relation `name`."""
        self._kept[name] = _Kept(None, FOR_EVER, lambda: _Found(rows))

    def ask(self, question: Question, *values: Any) -> pd.DataFrame:
        """Answer a question as a DataFrame."""
        frame: pd.DataFrame = self.rows(question, *values).to_pandas()
        return frame

    def rows(self, question: Question, *values: Any) -> pa.Table:
        """Answer a question as an Arrow table."""
        return self._answer(self._statement(question, *values))

    def rows_of_closed_days(self, question: Question, *values: Any) -> pa.Table:
        """Answer a question about closed days alone, which no batch changes by adding rows."""
        return self._answer(replace(self._statement(question, *values), until=CLOSED_DAYS))

    def rows_beside(
        self, beside: Mapping[str, pa.Table], question: Question, *values: Any
    ) -> pa.Table:
        """Answer a question that reads other tables, too, by their names."""
        sql, parameters = compiled(question, values, self._dialect)
        with self._reading(self._limit) as reader:
            return whole_numbers(reader.arrow(sql, parameters, beside))

    def remembered(self, key: Hashable, site: int, until: int) -> Remembered:
        """Return what is remembered by a key about a site before a time (ms), to be added to."""
        if self._memory is None:
            return Remembered(None, lambda _rows, _longest: None)
        return self._memory.remembered(key, site, until)

    def _answer(self, asked: _Statement) -> pa.Table:
        if self._known is None or asked.key is None:
            return self._read(asked)
        answers, site = self._known
        key = site, *asked.key
        found = answers.find(key)
        if found is None:
            reading = answers.reading(site, asked.until)
            found = self._read(asked)
            # What it starts from may have been found before a change that came before it.
            starts = [one for kept in asked.beside.values() for one in kept.readings()]
            answers.keep(key, reading, found, starts)
        return found

    def _read(self, asked: _Statement) -> pa.Table:
        beside = asked.found()
        with self._reading(self._limit) as reader:
            return whole_numbers(reader.arrow(asked.sql, asked.values, beside))

    def stream(
        self, sink: Callable[[Iterator[pa.RecordBatch]], T], question: Question, *values: Any
    ) -> T:
        """Return what `sink` makes of the rows of an answer, of which few are in memory.

        It is called again, from the first row on, where memory did not suffice.
        """
        asked = self._statement(question, *values)
        beside = asked.found()
        with self._reading(self._limit) as reader:
            return reader.stream(asked.sql, asked.values, beside, sink)

    def _statement(self, question: Question, *values: Any) -> _Statement:
        sql, parameters = compiled(question, values, self._dialect)
        kept = list(self._kept.items())  # another thread may keep one more meanwhile
        beside = {name: one for name, one in kept if f'"{name}"' in sql}
        starts = tuple((name, one.key) for name, one in beside.items())
        is_known = all(key for _, key in starts)
        key = (sql, *parameters.values(), *starts) if is_known else None
        until = max([told_until(values), *(one.until for one in beside.values())])
        return _Statement(sql, parameters, beside, key, until)


@dataclass(frozen=True)
class _Statement:
    """A question as SQL, with its parameters and the kept relations that it starts from.

    `key` is the same where the question is, and what it starts from; None where that is unknown.
    The answer tells of visits that began and events that happened before `until` (ms).
    """

    sql: str
    values: Mapping[str, int | str]
    beside: Mapping[str, _Kept]
    key: tuple[Any, ...] | None
    until: int

    def found(self) -> dict[str, pa.Table]:
        """Return the relations, found at once where that is still to be done."""
        rows = at_once([one.rows for one in self.beside.values()])
        return dict(zip(self.beside, rows, strict=True))


@dataclass(frozen=True)
class _Found:
    """The rows of a relation, and the readings by which it and what it starts from were found."""

    rows: pa.Table
    readings: tuple[Reading | None, ...] = ()


class _Kept:
    """A relation of a page: who asks first finds its rows, whoever asks meanwhile waits."""

    def __init__(self, key: tuple[Any, ...] | None, until: int, find: Callable[[], _Found]) -> None:
        self.key = key
        self.until = until
        self._find = find
        self._found: _Found | None = None
        self._finding = threading.Lock()

    def rows(self) -> pa.Table:
        """Return the rows."""
        with self._finding:
            if self._found is None:
                self._found = self._find()
            return self._found.rows

    def readings(self) -> list[Reading]:
        """Return the readings by which it was found."""
        return [one for one in (self._found.readings if self._found else ()) if one]


def told_until(values: Sequence[Any]) -> int:
    """Return until when (ms) a question with these values tells: to the end of its scopes.

    Of visits that began before it it may tell the rest, and of visitors what they did earlier. A
    question without a scope may tell of anything.
    """
    ends = [one.end for one in values if isinstance(one, Scope)]
    return max(ends) if ends else FOR_EVER


def whole_numbers(rows: pa.Table) -> pa.Table:
    """Return rows with int64 in the place of decimals, which engines add whole numbers up to."""
    if not any(pa.types.is_decimal(field.type) for field in rows.schema):
        return rows
    types = [
        pa.field(field.name, pa.int64() if pa.types.is_decimal(field.type) else field.type)
        for field in rows.schema
    ]
    return rows.cast(pa.schema(types))


def rows_of_frame(frame: pd.DataFrame) -> pa.Table:
    """Return a DataFrame's rows as Arrow, with texts in the form that all engines take."""
    rows = pa.Table.from_pandas(frame, preserve_index=False)
    types = [
        pa.field(one.name, pa.string() if pa.types.is_large_string(one.type) else one.type)
        for one in rows.schema
    ]
    return rows.cast(pa.schema(types))
