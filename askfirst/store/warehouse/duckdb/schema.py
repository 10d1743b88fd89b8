"""The tables of a DuckDB file, and whether a file holds these and nothing else."""

from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import duckdb

from askfirst.columns import EVENT_TEXTS
from askfirst.errors import Misconfigured
from askfirst.store.warehouse.duckdb.files import CLOSED, closed_duckdb
from askfirst.store.warehouse.duckdb.form_one import TABLES as FIRST_TABLES
from askfirst.store.warehouse.noted import FORM, MADE_OF, NOTE, fits, left_over
from askfirst.store.warehouse.tables import ADDED, TABLES, VERSION, Table, counts_by

TYPES = {
    "boolean": "BOOLEAN",
    "int8": "TINYINT",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "string": "VARCHAR",
    "uuid": "UUID",
}

_OBJECTS = """
SELECT 'schema', schema_name, NULL FROM duckdb_schemas()
WHERE database_name = current_database()
UNION ALL SELECT 'table', schema_name || '.' || table_name, sql FROM duckdb_tables()
UNION ALL SELECT 'view', view_name, NULL FROM duckdb_views() WHERE NOT internal
UNION ALL SELECT 'macro', function_name, NULL FROM duckdb_functions() WHERE NOT internal
UNION ALL SELECT 'type', type_name, NULL FROM duckdb_types() WHERE NOT internal
UNION ALL SELECT 'sequence', sequence_name, NULL FROM duckdb_sequences()
UNION ALL SELECT 'index', index_name, NULL FROM duckdb_indexes()
"""
_COLUMNS = """
SELECT table_name, column_name, data_type FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = 'main'
"""
_OPENED = ", ".join(TABLES["open_visits"].columns)
_OPENING = f"""
INSERT INTO open_visits ({_OPENED}) SELECT {_OPENED} FROM visits
JOIN (SELECT visit, event_id AS visit_id FROM events WHERE opens
      UNION SELECT visit, visit_id FROM visit_ids) AS ids USING (visit)
"""
_EMPTIED = ("visits", "visit_ids", "summarised", "counts", "gaps")
_BY_A_START = "a start of the server converts it."
_TRIGGERS = "SELECT 'trigger', trigger_name, NULL FROM duckdb_triggers()"

_ADDED_PARTS = {
    table: frozenset(f"{name} {TYPES[kind]} NOT NULL" for name, kind in columns.items())
    for table, columns in ADDED.items()
}
Objects = dict[tuple[str, str], frozenset[str]]
"""The parts of the SQL of each object in a file, by its kind and name."""


def create_statement(table: Table, schema: str = "main") -> str:
    """Return the statement that creates a table where it is missing."""
    columns = [f'"{name}" {TYPES[kind]} NOT NULL' for name, kind in table.columns.items()]
    keys = [f"PRIMARY KEY ({', '.join(table.key)})"] if table.key else []
    return f"CREATE TABLE IF NOT EXISTS {schema}.{table.name} ({', '.join(columns + keys)})"


def create_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of a file that has none, and note the version of their form."""
    connection.execute(f"BEGIN; {creating_all()}; {_NOTING}; COMMIT")


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables and columns that are missing, and note what they are of.

    Raises `Misconfigured` for a file of the first form, whose tables have the same names.
    """
    if _is_complete(connection) and _note(connection) == MADE_OF:
        return
    found = _tables_in(connection)
    if found and "form" not in found:
        raise Misconfigured(f"The warehouse has the form of an older version: {_BY_A_START}")
    connection.execute(f"BEGIN; {creating_all()}")
    if found:
        _complete(connection)
    connection.execute(f"{_NOTING}; COMMIT")


def creating_all(schema: str = "main") -> str:
    """Return the statements that create the tables: one text takes half the time of many."""
    return "; ".join(create_statement(table, schema) for table in TABLES.values())


_NOTING = (
    f"INSERT OR IGNORE INTO form VALUES ({FORM}, {VERSION});"
    f" INSERT OR REPLACE INTO form VALUES ({NOTE}, {MADE_OF})"
)


def _note(connection: duckdb.DuckDBPyConnection) -> int | None:
    row = connection.execute("SELECT version FROM form WHERE one = ?", [NOTE]).fetchone()
    return row[0] if row else None


def _complete(connection: duckdb.DuckDBPyConnection) -> None:
    """Make of the tables of another release those of this one.

    Where its summaries are of other dimensions, all days are opened, to be closed anew.
    """
    added, found = _add_columns(connection), columns_in(connection)
    for name in left_over(found["visits"]):
        connection.execute(f'ALTER TABLE visits DROP COLUMN "{name}"')
    if any(counts_by(*one) for one in added) or not fits(_note(connection)):
        _open_days(connection)


def _open_days(connection: duckdb.DuckDBPyConnection) -> None:
    """Open all closed days and their visits, of which columns may have to be computed anew."""
    connection.execute(_OPENING)
    for table in _EMPTIED:
        connection.execute(f"DELETE FROM {table}")


def _add_columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Add the columns that the tables of an older release lack, 0 in every row; return them."""
    found = columns_in(connection)
    missing = [(table, name) for table in ADDED for name in ADDED[table].keys() - found[table]]
    for table, name in missing:
        kind, column = TYPES[ADDED[table][name]], f'ALTER TABLE {table} ALTER COLUMN "{name}"'
        connection.execute(f'ALTER TABLE {table} ADD COLUMN "{name}" {kind} DEFAULT 0')
        connection.execute(f"{column} SET NOT NULL")
        connection.execute(f"{column} DROP DEFAULT")
    return missing


def columns_in(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Return the columns of each table of a file, with their types in DuckDB."""
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(_COLUMNS).fetchall():
        tables.setdefault(table, {})[column] = kind
    return tables


def has_tables(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a file has its tables: a start that was cut short leaves it without."""
    return _is_complete(connection) or len(_tables_in(connection)) >= len(TABLES)


def _tables_in(connection: duckdb.DuckDBPyConnection) -> set[str]:
    return {name for (name,) in connection.execute("SHOW TABLES").fetchall()}


def _is_complete(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a file has each table and each column that may be missing.

    Most files do, and the catalog of all tables takes four times as long to read.
    """
    found = [f"(SELECT {_added_to(name)} FROM {name} LIMIT 0)" for name in TABLES]
    try:
        connection.execute(" UNION ALL ".join(found))
    except (duckdb.CatalogException, duckdb.BinderException):
        return False
    return True


def _added_to(table: str) -> str:
    """Return a number that is made of all columns of a table that may be missing."""
    return " + ".join(["0", *(f'"{name}"' for name in sorted(ADDED.get(table, ())))])


def filled_tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the names of the tables that have rows."""
    found = [f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in TABLES]
    return {name for (name,) in connection.execute(" UNION ALL ".join(found)).fetchall()}


def holds_foreign_objects(path: Path) -> bool:
    """Return whether a file holds other tables than a warehouse's, or views, macros and the like.

    It may be of the first form, or lack columns that are added when it is opened. Raises
    `duckdb.Error` where it cannot be opened.
    """
    with closing(closed_duckdb(path, read_only=True)) as file:
        found = _objects_in(file)
    return found != _made_by(_create_first) and _completed(found) != _made_by(create_tables)


def _create_first(connection: duckdb.DuckDBPyConnection) -> None:
    for statement in FIRST_TABLES:
        connection.execute(statement)


def _made_by(create: Callable[[duckdb.DuckDBPyConnection], None]) -> Objects:
    with closing(duckdb.connect(":memory:", config=CLOSED)) as made:
        create(made)
        return _objects_in(made)


def foreign_objects(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> list[str]:
    """Return the kinds and names of what an open file holds beside these tables, e.g. "view v"."""
    ours = {("schema", "main"), *(("table", f"main.{name}") for name in tables)}
    found = sorted({(kind, name) for kind, name, _ in _rows_of_objects(connection)} - ours)
    return [f"{kind} {name.removeprefix('main.')}" for kind, name in found]


def _objects_in(connection: duckdb.DuckDBPyConnection) -> Objects:
    return {(kind, name): _parts(sql or "") for kind, name, sql in _rows_of_objects(connection)}


def _rows_of_objects(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    rows = connection.execute(_OBJECTS).fetchall()
    with suppress(duckdb.CatalogException):  # an older DuckDB has none
        rows += connection.execute(_TRIGGERS).fetchall()
    return rows


def _completed(found: Objects) -> Objects:
    """Return what is found with the columns that may be missing, and without those left over."""
    added = {("table", f"main.{table}"): _ADDED_PARTS[table] for table in ADDED}
    completed = {one: parts | added.get(one, frozenset()) for one, parts in found.items()}
    visits = ("table", "main.visits")
    if visits in completed:
        completed[visits] -= {f"{name} INTEGER NOT NULL" for name in left_over(EVENT_TEXTS)}
    return completed


def _parts(sql: str) -> frozenset[str]:
    """Return the columns and constraints of a statement, whose order may differ."""
    parts, depth = [""], 0
    for letter in sql.replace('"', ""):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if (letter, depth) in {("(", 1), (",", 1), (")", 0)}:
            parts.append("")
        else:
            parts[-1] += letter
    return frozenset(part.strip() for part in parts)
