"""Carries out operations in ClickHouse so that it does no harm to do it again, or late.

The insertion of a block has a token, by which the server takes it once. A deletion spares rows
that a later operation added: it may still land after those.
"""

from __future__ import annotations

import itertools
import re
import uuid
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from askfirst.store.warehouse.clickhouse.committing.numbers import MOST_OPERATIONS, written
from askfirst.store.warehouse.clickhouse.schema import WRITTEN, Schema, quoted
from askfirst.store.warehouse.engine import Delete, Insert, Operation
from askfirst.store.warehouse.tables import TABLES, Table

if TYPE_CHECKING:
    import pyarrow as pa

    from askfirst.store.warehouse.clickhouse.client import Client

_BLOCK = 500_000  # rows of an insertion; the server's own blocks are about twice as large
_AT_ONCE = {"uuid": 3_000}  # values in one parameter, of which a server takes 128 KiB
_NUMBERS_AT_ONCE = 10_000


def check(operations: Sequence[Operation]) -> None:
    """Raise `ValueError` for rows that no table can take, before they are noted to be stored."""
    if len(operations) >= MOST_OPERATIONS:
        raise ValueError(f"a commit has fewer than {MOST_OPERATIONS} operations")
    for operation in operations:
        if isinstance(operation, Insert):
            _check_rows(TABLES[operation.table], operation.rows)


def _check_rows(table: Table, rows: pa.Table) -> None:
    from askfirst.store.warehouse.appending.rows import arrow_table  # noqa: PLC0415

    if set(rows.column_names) != set(table.columns):
        raise ValueError(f"the columns are not those of {table.name}")
    for name, column in zip(rows.column_names, rows.columns, strict=True):
        if column.null_count:
            raise ValueError(f"{table.name}.{name} is NOT NULL")
    cast = arrow_table({name: rows[name] for name in table.columns}, table.columns)
    for name in (name for name, kind in table.columns.items() if kind == "uuid"):
        if not all(map(_DIGITS.fullmatch, cast[name].to_pylist())):
            raise ValueError(f"{table.name}.{name} is 32 hexadecimal digits")


_DIGITS = re.compile(r"[0-9a-f]{32}")


def joined(operations: Sequence[Operation]) -> list[Operation]:
    """Return operations with one insertion into a table instead of several.

    Each insertion makes a part on the disk. A table of which rows are deleted or replaced as well
    keeps its operations, because their order matters.
    """
    apart = {one.table for one in operations if isinstance(one, Delete)}
    apart |= {table.name for table in TABLES.values() if table.key}
    found: list[Operation] = []
    together: dict[str, list[pa.Table]] = {}
    for one in operations:
        if one.table in apart or isinstance(one, Delete):
            found.append(one)
        else:
            columns = list(TABLES[one.table].columns)
            together.setdefault(one.table, []).append(one.rows.select(columns))
    return [*(Insert(name, _concatenated(rows)) for name, rows in together.items()), *found]


def _concatenated(tables: list[pa.Table]) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

    return pa.concat_tables(tables, promote_options="permissive")


class Carrier:
    """Carries out the operations of a commit by its number."""

    def __init__(self, client: Client, schema: Schema) -> None:
        self._client = client
        self._schema = schema

    def carry_out(self, operation: Operation, number: int, place: int) -> None:
        """Carry out the operation at this place of the commit with this number."""
        if isinstance(operation, Insert):
            self._insert(operation, number, place)
        else:
            self._delete(operation, written(number, place))

    def _insert(self, insert: Insert, number: int, place: int) -> None:
        import pyarrow as pa  # noqa: PLC0415 - it takes 0.2 s

        table = TABLES[insert.table]
        # A commit that an older release left open has no columns that are newer: they are 0.
        names = [name for name in table.columns if name in insert.rows.column_names]
        rows = insert.rows.select(names)
        mark = pa.array([written(number, place)], pa.uint64())
        column = self._schema.adding_column(table)
        for start in range(0, rows.num_rows, _BLOCK):
            block = rows.slice(start, _BLOCK)
            block = block.append_column(column, pa.repeat(mark[0], block.num_rows))
            token = f"{number}:{place}:{start}"
            self._client.insert(self._schema.target_of(table), block, token)

    def _delete(self, delete: Delete, before: int) -> None:
        table = TABLES[delete.table]
        for chosen in _portions(table, delete.among):
            conditions, values = _conditions(table, delete, chosen)
            conditions.append(f"{WRITTEN} < $before")
            where = " AND ".join(conditions)
            values["before"] = before
            if self._has_rows(table, where, values):
                target = self._schema.deletes_from(table)
                self._client.run(f"DELETE FROM {target} WHERE {where}", values)

    def _has_rows(self, table: Table, where: str, values: dict[str, Any]) -> bool:
        """Return whether there is anything to delete, which a mutation would take longer to see."""
        if self._schema.is_sharded(table):
            return True  # another node may have them
        rows = quoted(self._schema.rows_of(table))
        return bool(self._client.rows(f"SELECT 1 AS one FROM {rows} WHERE {where} LIMIT 1", values))


def _portions(table: Table, among: Any) -> Iterator[dict[str, list[Any]]]:
    """Yield the values of each column in portions that a parameter can hold."""
    names = list(among)
    each = [_in_portions(among[name], table.columns[name]) for name in names]
    for chosen in itertools.product(*each):
        yield dict(zip(names, chosen, strict=True))


def _in_portions(values: pa.Array, kind: str) -> list[list[Any]]:
    distinct = sorted(value for value in values.unique().to_pylist() if value is not None)
    size = _AT_ONCE.get(kind, _NUMBERS_AT_ONCE)
    if kind == "string":
        return _by_length(distinct)
    return [distinct[start : start + size] for start in range(0, len(distinct), size)]


_LONGEST = 30_000  # bytes of texts in one parameter: escaped and encoded they may take four times


def _by_length(texts: list[str]) -> list[list[str]]:
    portions: list[list[str]] = []
    room = 0
    for text in texts:
        length = len(text.encode()) + 4
        if length > room:
            portions.append([])
            room = _LONGEST
        portions[-1].append(text)
        room -= length
    return portions


def _conditions(
    table: Table, delete: Delete, among: dict[str, list[Any]]
) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for sign, given in (("=", delete.equal), ("<", delete.below), (">=", delete.since)):
        for name, value in given.items():
            key = f"v{len(values)}"
            values[key] = _stored(value, table.columns[name])
            conditions.append(f"{quoted(name)} {sign} ${key}")
    for name, several in among.items():
        key = f"v{len(values)}"
        values[key] = [_stored(value, table.columns[name]) for value in several]
        conditions.append(f"{quoted(name)} IN ${key}")
    return conditions, values


def _stored(value: Any, kind: str) -> Any:
    return str(uuid.UUID(hex=value)) if kind == "uuid" else value
