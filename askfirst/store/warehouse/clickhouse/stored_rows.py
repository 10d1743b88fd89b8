"""Rows beside the warehouse as tables in ClickHouse's memory, each stored once while it is used."""

from __future__ import annotations

import threading
import uuid
import weakref
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from askfirst.errors import AskfirstError
from askfirst.store.warehouse.clickhouse.errors import StatementRefused
from askfirst.store.warehouse.clickhouse.schema import quoted

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.clickhouse.client import Client

LOST = {60, 395}
"""The numbers of ClickHouse's errors UNKNOWN_TABLE and FUNCTION_THROW_IF_VALUE_IS_NON_ZERO."""


class StoredRows:
    """Tables under names that are never used again; safe to call from several threads.

    A table is there as long as the Arrow table whose rows it holds: the questions of a page start
    from the same rows. What nobody uses any more is dropped by `drop_left`, or at a later start.
    """

    def __init__(self, client: Client, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._stored: dict[int, _Stored] = {}
        self._left: deque[str] = deque()
        """Names of tables whose rows are gone: these may go at any moment, within any call."""

    def query(self, rows: pa.Table) -> str:
        """Return a query that yields these rows, stored if they are not yet.

        It fails with one of `LOST` where the server has lost them, as by a start anew, after which
        a table in memory is empty.
        """
        name = self._name(rows)
        is_whole = f"(SELECT throwIf(count() <> {rows.num_rows}) FROM {name}) = 0"
        return f"SELECT * FROM {name} WHERE {is_whole}"

    def _name(self, rows: pa.Table) -> str:
        new = _Stored()
        stored = self._stored.setdefault(id(rows), new)
        if stored is new:
            weakref.finalize(rows, self._leave, id(rows)).atexit = False
        with stored.storing:
            if not stored.name:
                stored.name = self._store(rows)
            return stored.name

    def _leave(self, key: int) -> None:
        """Take what was stored of rows that are no more, and of which the key may be used again."""
        stored = self._stored.pop(key, None)
        if stored and stored.name:
            self._left.append(stored.name)

    def _store(self, rows: pa.Table) -> str:
        name = f"{self._prefix}{uuid.uuid4().hex}"
        columns = ", ".join(
            f"{quoted(field.name)} {_type(field.type, rows[field.name].null_count)}"
            for field in rows.schema
        )
        try:
            self._client.run(f"CREATE TABLE {name} ({columns}) ENGINE = Memory")
            if rows.num_rows:
                self._client.insert(name, rows)
        except BaseException:
            self._left.append(name)
            raise
        return name

    def forget(self, tables: Iterable[pa.Table], failed: str) -> None:
        """Store these rows anew when they are needed: a statement says that the server lost them.

        Those that another thread has stored anew meanwhile, under a name that does not stand in the
        statement that failed, stay.
        """
        for one in tables:
            stored = self._stored.get(id(one))
            if stored:
                with stored.storing:
                    if stored.name and stored.name in failed:
                        self._left.append(stored.name)
                        stored.name = ""

    def drop_left(self) -> None:
        """Drop the tables of rows that nobody uses any more; later, where the server is away."""
        while name := self._next_left():
            try:
                self._client.run(f"DROP TABLE IF EXISTS {name} SYNC")
            except StatementRefused:
                continue  # a later start tries again
            except AskfirstError:
                self._left.appendleft(name)
                return

    def _next_left(self) -> str:
        """Return a name, or '': another thread may have taken the last."""
        with suppress(IndexError):
            return self._left.popleft()
        return ""

    def drop_all(self) -> None:
        """Drop the tables of all rows, also of those that somebody holds."""
        for key in list(self._stored):
            self._leave(key)
        self.drop_left()


class _Stored:
    def __init__(self) -> None:
        self.name = ""
        self.storing = threading.Lock()


def _type(kind: pa.DataType, nulls: int) -> str:
    """Return the type of ClickHouse for values of an Arrow type."""
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

    types: dict[Any, str] = {
        pa.bool_(): "Bool",
        pa.string(): "String",
        pa.large_string(): "String",
        pa.float64(): "Float64",
        pa.date32(): "Date32",
        **{getattr(pa, f"int{size}")(): f"Int{size}" for size in (8, 16, 32, 64)},
        **{getattr(pa, f"uint{size}")(): f"UInt{size}" for size in (8, 16, 32, 64)},
    }
    name = "UUID" if str(kind) == "extension<arrow.uuid>" else types[kind]
    return f"Nullable({name})" if nulls else name
