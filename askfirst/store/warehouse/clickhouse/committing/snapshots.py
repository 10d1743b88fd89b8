"""What readers see of a commit while it is carried out: nothing of it, or all of it.

ClickHouse has no transactions, so rows of a commit are stored one statement after the other. Each
row carries the number of the operation that added it, and each statement that reads is told by a
filter up to which number rows count. Rows that a commit deletes stay until its additions count:
then readers are told of both at once, by the filter of the next statement, and the rows are
deleted when every statement that began before has ended. No reader ever waits.

Filters are the setting `additional_table_filters`: statements remain as they are.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from askfirst.errors import AskfirstError
from askfirst.store.warehouse.clickhouse.committing.numbers import after, written
from askfirst.store.warehouse.clickhouse.schema import WRITTEN, Schema, quoted
from askfirst.store.warehouse.engine import Delete
from askfirst.store.warehouse.tables import TABLES, Table

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.clickhouse.client import Client

PATIENCE = 60.0
"""Seconds after which a statement is not waited for: clients give up by then."""

_INLINE = 50  # numbers that stand in a filter; more become a table in the server's memory
_TYPES = {"int8": "Int8", "int32": "Int32", "int64": "Int64", "string": "String", "uuid": "String"}


def has_snapshots(table: Table) -> bool:
    """Return whether each row of a table keeps the number of its operation.

    Rows with a key replace each other and those of summaries are added up, whoever reads.
    """
    return not table.key and not table.sums


PLAIN = tuple(table.name for table in TABLES.values() if has_snapshots(table))


class Snapshots:
    """Tells each statement which rows count, and the writer when no older statement runs."""

    def __init__(
        self,
        client: Client,
        schema: Schema,
        database: str,
        kept: str,
        is_writer: Callable[[], bool],
    ) -> None:
        self._client = client
        self._database = database
        self._prefix = kept
        self._is_used = not schema.cluster
        self._is_writer = is_writer
        self._changing = threading.Condition()
        self._generation = 0
        self._running: Counter[int] = Counter()
        self._number = -1
        self._filters: dict[str, str] = {}
        self._tables: list[str] = []

    @contextmanager
    def statement(self) -> Iterator[dict[str, Any]]:
        """Yield the settings of a statement that reads; it has to end within."""
        with self._changing:
            generation, filters = self._generation, self._filters
            self._running[generation] += 1
        try:
            # Without the lease another server may write, whose commits this one does not know.
            yield dict(filters) if self._is_writer() else {}
        finally:
            with self._changing:
                self._running[generation] -= 1
                self._running += Counter()  # drops those that are 0
                self._changing.notify_all()

    def show(self, number: int, deletes: Sequence[tuple[int, Delete]] = ()) -> None:
        """Let statements from now on see the commits up to this number.

        `deletes` are its deletions that are not carried out yet, each with its place.
        """
        if not self._is_used or number < self._number:
            return
        tables: list[str] = []
        try:
            gone = self._conditions(number, deletes, tables)
        except BaseException:
            self._drop(tables)  # nobody was told of them, and they name what is being erased
            raise
        filters = _as_setting(
            {f"{self._database}.{name}": _filter(number, gone.get(name, ())) for name in PLAIN}
        )
        with self._changing:
            self._generation += 1
            self._number = number
            self._filters = {"additional_table_filters": filters}
            unused, self._tables = self._tables, tables
        self._drop(unused)

    def _conditions(
        self, number: int, deletes: Sequence[tuple[int, Delete]], tables: list[str]
    ) -> dict[str, list[str]]:
        """Return what goes of each table; `tables` gets the names of those that had to be made."""
        gone: dict[str, list[str]] = {}
        for place, delete in deletes:
            condition = self._condition(delete, written(number, place), tables)
            gone.setdefault(delete.table, []).append(condition)
        return gone

    def wait(self) -> None:
        """Wait for the statements that began before what is shown now."""
        end = time.monotonic() + PATIENCE
        with self._changing:
            while any(one < self._generation for one in self._running):
                if not self._changing.wait(end - time.monotonic()):
                    return

    def _drop(self, tables: list[str]) -> None:
        if tables:
            self.wait()
        for name in tables:
            with suppress(AskfirstError):  # what remains is dropped at a later start
                self._client.run(f"DROP TABLE IF EXISTS {name} SYNC")

    def _condition(self, delete: Delete, before: int, tables: list[str]) -> str:
        columns = TABLES[delete.table].columns
        parts = [f"{WRITTEN} < {before}"]
        for sign, given in (("<", delete.below), (">=", delete.since)):
            parts += [f"{quoted(name)} {sign} {int(value)}" for name, value in given.items()]
        for name, value in delete.equal.items():
            parts.append(self._among(name, columns[name], [value], tables))
        for name, values in delete.among.items():
            parts.append(self._among(name, columns[name], values.unique().to_pylist(), tables))
        return " AND ".join(parts)

    def _among(self, name: str, kind: str, values: list[Any], tables: list[str]) -> str:
        given = [value for value in values if value is not None]
        if kind not in ("string", "uuid") and 0 < len(given) <= _INLINE:
            return f"{quoted(name)} IN ({', '.join(str(int(value)) for value in given)})"
        table = f"{self._prefix}{uuid.uuid4().hex}"
        tables.append(table)
        self._store(table, kind, given)
        value = "toUUID(value)" if kind == "uuid" else "value"
        return f"{quoted(name)} IN (SELECT {value} FROM {quoted(self._database)}.{table})"

    def _store(self, name: str, kind: str, values: list[Any]) -> None:
        import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

        self._client.run(f"CREATE TABLE {name} (value {_TYPES[kind]}) ENGINE = Memory")
        if values:
            texts = [str(uuid.UUID(hex=one)) for one in values] if kind == "uuid" else values
            types: dict[str, pa.DataType] = {"int8": pa.int8(), "int32": pa.int32()}
            types |= {"int64": pa.int64(), "string": pa.string(), "uuid": pa.string()}
            self._client.insert(name, pa.table({"value": pa.array(texts, types[kind])}))


def _filter(number: int, gone: Sequence[str]) -> str:
    return " AND ".join((f"{WRITTEN} < {after(number)}", *(f"NOT ({one})" for one in gone)))


def _as_setting(filters: Mapping[str, str]) -> str:
    """Return a map of tables to filters as ClickHouse reads it."""
    return "{" + ", ".join(f"{_text(name)}: {_text(one)}" for name, one in filters.items()) + "}"


def _text(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
