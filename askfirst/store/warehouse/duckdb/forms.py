"""Which form a warehouse file has: none yet, the first, or that of today; others are refused."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from askfirst.errors import Misconfigured
from askfirst.store.warehouse.duckdb import form_one
from askfirst.store.warehouse.duckdb.files import closed_duckdb, is_cut_short
from askfirst.store.warehouse.duckdb.schema import TYPES, columns_in, foreign_objects
from askfirst.store.warehouse.noted import FORM, left_over
from askfirst.store.warehouse.tables import ADDED, TABLES, VERSION, Table

EMPTY, FIRST = 0, 1
_FIRST_TABLES = ("events", "shipped")
_NAMED = 5
"""How many things that are not ours a message names."""

_KEYS = """
SELECT table_name, constraint_type, constraint_column_names FROM duckdb_constraints()
WHERE database_name = current_database() AND schema_name = 'main' AND constraint_type <> 'NOT NULL'
UNION ALL SELECT table_name, 'UNIQUE INDEX', [expressions] FROM duckdb_indexes()
WHERE database_name = current_database() AND schema_name = 'main' AND is_unique
"""
"""An insertion replaces rows by a key, and fails without it; others would refuse it."""
_VERSION = f"SELECT version FROM form WHERE one = {FORM}"


def form_of(path: Path) -> int:
    """Return the version of a file's form: EMPTY where there is no file, or it has no tables yet.

    Nothing is written. Raises `Misconfigured` for a file that cannot be opened, was made by a newer
    Askfirst or another program, or has tables with other columns.
    """
    try:
        return form_in(path)
    except duckdb.Error as error:
        raise cannot_be_opened(path) from error


def form_in(path: Path) -> int:
    """Return the same as `form_of`; raises `duckdb.Error` for a file that cannot be opened."""
    if not path.exists():
        return EMPTY
    with closing(closed_duckdb(path, read_only=True)) as connection:
        _refuse_cut(path)
        return _form_in(connection, path)


def _refuse_cut(path: Path) -> None:
    """Raise `Misconfigured` for a file that is shorter than it says, which DuckDB opens."""
    if is_cut_short(path):
        raise Misconfigured(
            f"The warehouse {path} cannot be opened: it is shorter than it was. Restore a backup."
        )


def cannot_be_opened(path: Path) -> Misconfigured:
    """Return the error of a file that DuckDB does not open."""
    return Misconfigured(
        f"The warehouse {path} cannot be opened: another program uses it, it may not be read or"
        " written, or it is damaged; then restore a backup."
    )


def _form_in(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    found = columns_in(connection)
    if found.get("form") == _expected("form"):
        row = connection.execute(_VERSION).fetchone()
        version = _known(row[0] if row else 0, found, _keys_in(connection), path)
        _refuse_foreign(connection, TABLES, path)
        return version
    if found and found.get("events") != form_one.COLUMNS:
        raise Misconfigured(
            f"The warehouse {path} has other tables than Askfirst makes: another program made it."
        )
    _refuse_foreign(connection, _FIRST_TABLES if found else (), path)
    return FIRST if found else EMPTY


def _refuse_foreign(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[str], path: Path
) -> None:
    """Raise `Misconfigured` for a file with more than these tables: a rewrite would drop it."""
    if foreign := foreign_objects(connection, tables):
        raise Misconfigured(
            f"The warehouse {path} holds what Askfirst does not make: {_listed(foreign)}. Keep it"
            " in another file, and drop it from this one."
        )


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _known(version: int, found: dict[str, Any], keys: dict[str, list[Any]], path: Path) -> int:
    if version > VERSION:
        raise Misconfigured(f"The warehouse {path} was made by a newer Askfirst.")
    wrong = [
        name
        for name, table in TABLES.items()
        if not _is_right(found.get(name, {}), name) or keys.get(name, []) != _keys_of(table)
    ]
    if version < VERSION or wrong:
        raise Misconfigured(
            f"The warehouse {path} has other columns or keys than this version of Askfirst makes,"
            f" in the table {(wrong or ['form'])[0]}."
        )
    return version


def _keys_in(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Any]]:
    """Return what rows are refused by in each table, other than by a missing value: see `_KEYS`."""
    keys: dict[str, list[Any]] = {}
    for table, *key in connection.execute(_KEYS).fetchall():
        keys.setdefault(table, []).append(key)
    return keys


def _keys_of(table: Table) -> list[Any]:
    return [["PRIMARY KEY", list(table.key)]] if table.key else []


def _is_right(found: dict[str, str], table: str) -> bool:
    """Return whether a table has our columns; those that are added may be missing.

    `visits` may also have some that a start takes away.
    """
    missing = ADDED.get(table, {}).keys() - found.keys()
    left = left_over(found) if table == "visits" else []
    ours = {n: kind for n, kind in found.items() if n not in left}
    return ours == {n: kind for n, kind in _expected(table).items() if n not in missing}


def _expected(table: str) -> dict[str, str]:
    return {name: TYPES[kind] for name, kind in TABLES[table].columns.items()}
