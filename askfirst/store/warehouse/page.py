"""The questions of one page, which share relations that are found once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from askfirst.store.warehouse.compiled import Question, compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from askfirst.store.warehouse.engine import Reader
    from askfirst.store.warehouse.time_limit import TimeLimit

    Reading = Callable[[TimeLimit | None], AbstractContextManager[Reader]]

T = TypeVar("T")
_AT_ONCE = 3
"""How many questions of a page are asked at once: planning one takes a thread, reading it all."""


class Page:
    """Answers questions, several at once from different threads; each method blocks.

    `keep` answers a question and gives the answer a name: questions that are asked later may start
    from it as from a table. Each question reads what is there when it is asked, and raises
    `TookTooLong` at the end of the page's `limit`.
    """

    def __init__(self, reading: Reading, dialect: str, limit: TimeLimit | None = None) -> None:
        self._reading = reading
        self._limit = limit
        self._dialect = dialect
        self._kept: dict[str, pa.Table] = {}

    def keep(self, name: str, question: Question, *values: Any) -> None:
        """Answer a question and keep its rows as the relation `name`."""
        self.keep_rows(name, self.rows(question, *values))

    def keep_all(self, asked: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
        """Keep relations by name: the rows of several questions, each with its values.

        All are asked at once, and are there afterwards.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = {
                name: [pool.submit(self.rows, *one) for one in several]
                for name, several in asked.items()
            }
        for name, several in answers.items():
            rows = [one.result() for one in several]
            self.keep_rows(name, pa.concat_tables(rows, promote_options="permissive"))

    def keep_rows(self, name: str, rows: pa.Table) -> None:
        """Keep rows as the relation `name`."""
        self._kept[name] = rows

    def ask(self, question: Question, *values: Any) -> pd.DataFrame:
        """Answer a question as a DataFrame."""
        frame: pd.DataFrame = self.rows(question, *values).to_pandas()
        return frame

    def rows(self, question: Question, *values: Any) -> pa.Table:
        """Answer a question as an Arrow table."""
        sql, parameters = compiled(question, values, self._dialect)
        with self._reading(self._limit) as reader:
            return whole_numbers(reader.arrow(sql, parameters, self._named_in(sql)))

    def stream(
        self, sink: Callable[[Iterator[pa.RecordBatch]], T], question: Question, *values: Any
    ) -> T:
        """Return what `sink` makes of the rows of an answer, of which few are in memory.

        It is called again, from the first row on, where memory did not suffice.
        """
        sql, parameters = compiled(question, values, self._dialect)
        with self._reading(self._limit) as reader:
            return reader.stream(sql, parameters, self._named_in(sql), sink)

    def _named_in(self, sql: str) -> Mapping[str, pa.Table]:
        kept = list(self._kept.items())  # another thread may keep one more meanwhile
        return {name: rows for name, rows in kept if f'"{name}"' in sql}


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
