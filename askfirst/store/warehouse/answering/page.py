"""The questions of one page, which share relations that are found once."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from askfirst.store.warehouse.compiled import Question, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from askfirst.store.warehouse.answering.known_answers import KnownAnswers
    from askfirst.store.warehouse.engine import Reader
    from askfirst.store.warehouse.time_limit import TimeLimit

    Reading = Callable[[TimeLimit | None], AbstractContextManager[Reader]]

T = TypeVar("T")
_AT_ONCE = 3
"""How many questions of a page are asked at once: planning one takes a thread, reading it all."""


class Page:
    """Answers questions, several at once from different threads; each method blocks.

    `keep` gives the answer of a question a name: questions that are asked later may start from it
    as from a table. It is found when the first of them needs it. Each question reads what is there
    when it is asked, and raises `TookTooLong` at the end of the page's `limit`. With `known`,
    all are about this one site, and an answer that nothing has changed since is not asked again.
    """

    def __init__(
        self,
        reading: Reading,
        dialect: str,
        limit: TimeLimit | None = None,
        known: tuple[KnownAnswers, int] | None = None,
    ) -> None:
        self._reading = reading
        self._limit = limit
        self._dialect = dialect
        self._known = known
        self._kept: dict[str, _Kept] = {}

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
            self._kept[name] = _Kept(keys if all(keys) else None, partial(self._joined, parts))

    def _joined(self, parts: Sequence[_Statement]) -> pa.Table:
        rows = _at_once([partial(self._answer, one) for one in parts])
        return pa.concat_tables(rows, promote_options="permissive")

    def keep_rows(self, name: str, rows: pa.Table) -> None:
        """Keep rows as the relation `name`."""
        self._kept[name] = _Kept(None, lambda: rows)

    def ask(self, question: Question, *values: Any) -> pd.DataFrame:
        """Answer a question as a DataFrame."""
        frame: pd.DataFrame = self.rows(question, *values).to_pandas()
        return frame

    def rows(self, question: Question, *values: Any) -> pa.Table:
        """Answer a question as an Arrow table."""
        return self._answer(self._statement(question, *values))

    def _answer(self, asked: _Statement) -> pa.Table:
        if self._known is None or asked.key is None:
            return self._read(asked)
        answers, site = self._known
        key = site, *asked.key
        found = answers.find(key, site)
        if found is None:
            state = answers.state(site)
            found = self._read(asked)
            answers.keep(key, site, found, state)
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
        return _Statement(sql, parameters, beside, key)


@dataclass(frozen=True)
class _Statement:
    """A question as SQL, with its parameters and the kept relations that it starts from.

    `key` is the same where the question is, and what it starts from; None where that is unknown.
    """

    sql: str
    values: Mapping[str, int | str]
    beside: Mapping[str, _Kept]
    key: tuple[Any, ...] | None

    def found(self) -> dict[str, pa.Table]:
        """Return the relations, found at once where that is still to be done."""
        rows = _at_once([one.rows for one in self.beside.values()])
        return dict(zip(self.beside, rows, strict=True))


class _Kept:
    """A relation of a page: who asks first finds its rows, whoever asks meanwhile waits."""

    def __init__(self, key: tuple[Any, ...] | None, find: Callable[[], pa.Table]) -> None:
        self.key = key
        self._find = find
        self._rows: pa.Table | None = None
        self._finding = threading.Lock()

    def rows(self) -> pa.Table:
        """Return the rows."""
        with self._finding:
            if self._rows is None:
                self._rows = self._find()
            return self._rows


def _at_once(calls: Sequence[Callable[[], pa.Table]]) -> list[pa.Table]:
    """Return what calls return, which are made at once."""
    if len(calls) < 2:
        return [call() for call in calls]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda call: call(), calls))


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
