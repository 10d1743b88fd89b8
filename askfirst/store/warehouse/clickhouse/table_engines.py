"""Whether the tables of a ClickHouse database keep their rows as the statements need it.

One with the right columns and another engine or order would double what is to be replaced or added
up, without an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.clickhouse.schema import OWN, Schema, family_of, order_of
from askfirst.store.warehouse.tables import TABLES, Table

if TYPE_CHECKING:
    from askfirst.store.warehouse.clickhouse.client import Client

_TABLES = """
SELECT name, engine, engine_full, sorting_key, create_table_query
FROM system.tables WHERE database = currentDatabase()
"""
_LOSES = {
    " TTL ": "a time after which rows or values go (TTL)",
    " CONSTRAINT ": "a constraint by which it refuses rows",
    "deduplication_window = 0": "no memory of what was inserted (a deduplication window of 0)",
}
"""What makes a table lose, refuse or double rows, by what stands in its definition."""
_Kept = tuple[str, list[str], tuple[str, ...]]
"""An engine, its arguments, and the order of its rows."""
_ELSEWHERE = ("Replicated", "Shared")
"""How the names of engines begin that keep rows likewise, on several nodes."""


def check_engines(client: Client, schema: Schema, where: str) -> None:
    """Raise `Misconfigured` for a table that keeps its rows otherwise than ours."""
    expected = _expected(schema)
    for row in client.rows(_TABLES):
        wanted = expected.get(row["name"])
        if wanted:
            _check_keeping(row, where)
        if wanted and not _is_right(row, wanted):
            found: _Kept = (row["engine"], [], (_plain(row["sorting_key"]),))
            raise Misconfigured(
                f"The table {row['name']!r} of {where} is not that of an Askfirst warehouse of this"
                f" version: its engine is {_named(found)}, and has to be {_named(wanted)}.",
                field="warehouse",
            )


def _check_keeping(row: dict[str, str], where: str) -> None:
    for sign, what in _LOSES.items():
        if sign in row["create_table_query"]:
            raise Misconfigured(
                f"The table {row['name']!r} of {where} is not that of an Askfirst warehouse: it has"
                f" {what}.",
                field="warehouse",
            )


def _expected(schema: Schema) -> dict[str, _Kept]:
    found: dict[str, _Kept] = {}
    for table in TABLES.values():
        found |= dict.fromkeys(schema.tables_of(table), _beside(table))
        found[schema.rows_of(table)] = (*family_of(table), order_of(table))
    return found | {name: ("MergeTree", [], (order,)) for name, (_, order, _) in OWN.items()}


def _beside(table: Table) -> _Kept:
    """Return what reads the rows of a table: a view of those of a key, or all shards."""
    return ("View" if table.key else "Distributed", [], ())


def _is_right(row: dict[str, str], wanted: _Kept) -> bool:
    engine, arguments, order = wanted
    found = row["engine"]
    for beginning in _ELSEWHERE:
        found = found.removeprefix(beginning)
    told = all(argument in row["engine_full"].replace("`", "") for argument in arguments)
    return found == engine and told and _plain(row["sorting_key"]) == ", ".join(order)


def _plain(columns: str) -> str:
    """Return the columns of a key alone: one may stand in brackets or without."""
    return columns.replace("`", "").removeprefix("(").removesuffix(")")


def _named(wanted: _Kept) -> str:
    engine, arguments, order = wanted
    ordered = f", ordered by ({', '.join(order)})" if any(order) else ""
    return f"{engine}{f'({arguments[0]})' if arguments else ''}{ordered}"
