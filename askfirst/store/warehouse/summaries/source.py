"""Where summaries are read from: a reader, and statements that are compiled once.

A question is a function that returns an Ibis expression. It writes each number that changes from
call to call as `parameter(NAME)`, so that its SQL is compiled once for each shape.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from askfirst.store.warehouse.appending.rows import arrow_table
from askfirst.store.warehouse.engine import Insert
from askfirst.store.warehouse.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pyarrow as pa

    from askfirst.store.warehouse.engine import Reader, Value

_FIRST = 7_200_000_000_000_000
_SENTINEL = re.compile(r"\b72\d{14}\b")
_NAMES: list[str] = []
_NAMING = threading.Lock()


@cache
def parameter(name: str) -> Any:
    """Return the Ibis expression of a number that is passed when a question is asked."""
    import ibis  # noqa: PLC0415 - half a second

    with _NAMING:  # else two threads would take one number, and a value would be another's
        _NAMES.append(name)
        number = len(_NAMES) - 1
    return ibis.literal(_FIRST + number, "int64")


@lru_cache(maxsize=512)
def _sql(
    question: Callable[..., Any], shape: tuple[Any, ...], dialect: str
) -> tuple[str, set[str]]:
    import ibis  # noqa: PLC0415 - half a second

    sql = str(ibis.to_sql(question(*shape), dialect=dialect, pretty=False))
    names: set[str] = set()

    def named(found: re.Match[str]) -> str:
        names.add(name := _NAMES[int(found[0]) - _FIRST])
        return f"${name}"

    return _SENTINEL.sub(named, sql), names


@dataclass(frozen=True)
class Source:
    """Answers questions over stored tables, and over rows that were handed to the reader."""

    reader: Reader
    dialect: str

    def rows(self, question: Callable[..., Any], *shape: Any, **values: Value) -> pa.Table:
        """Return the rows of a question; `shape` are its arguments, `values` its parameters."""
        sql, names = _sql(question, shape, self.dialect)
        return self.reader.arrow(sql, {name: values[name] for name in names})

    def one(self, question: Callable[..., Any], *shape: Any, **values: Value) -> dict[str, Any]:
        """Return the first row of a question."""
        return dict(self.rows(question, *shape, **values).slice(0, 1).to_pylist()[0])

    def keep(self, name: str, rows: pa.Table, types: Mapping[str, str]) -> None:
        """Let later questions of this reader name rows as `kept(name, types)`."""
        self.reader.keep(name, arrow_table({one: rows[one] for one in types}, types))


def kept(name: str, types: Mapping[str, str]) -> Any:
    """Return rows that were handed to the reader as an unbound Ibis table."""
    import ibis  # noqa: PLC0415 - half a second

    return ibis.table(types, name=name)


def digits(column: Any) -> Any:
    """Return a column of ids as 32 hexadecimal digits."""
    return column.cast("string").replace("-", "")


def inserting(table: str, rows: pa.Table) -> list[Insert]:
    """Return the insertion of rows that have the columns of a stored table; none for no rows."""
    if not rows.num_rows:
        return []
    types = TABLES[table].columns
    return [Insert(table, arrow_table({name: rows[name] for name in types}, types))]
