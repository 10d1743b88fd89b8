"""The tables of a DuckDB file, and whether a file holds these and nothing else."""

from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from askfirst.store.warehouse.duckdb.files import CLOSED, closed_duckdb
from askfirst.store.warehouse.tables import TABLES, VERSION, Table

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
_TRIGGERS = " UNION ALL SELECT 'trigger', trigger_name, NULL FROM duckdb_triggers()"
_HAS_TRIGGERS = "SELECT 1 FROM duckdb_functions() WHERE function_name = 'duckdb_triggers'"


def create_statement(table: Table, schema: str = "main") -> str:
    """Return the statement that creates a table where it is missing."""
    columns = [f'"{name}" {TYPES[kind]} NOT NULL' for name, kind in table.columns.items()]
    keys = [f"PRIMARY KEY ({', '.join(table.key)})"] if table.key else []
    return f"CREATE TABLE IF NOT EXISTS {schema}.{table.name} ({', '.join(columns + keys)})"


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that are missing, and note the version of their form."""
    connection.execute("BEGIN")
    for table in TABLES.values():
        connection.execute(create_statement(table))
    connection.execute("INSERT OR IGNORE INTO form VALUES (1, ?)", [VERSION])
    connection.execute("COMMIT")


def has_tables(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a file has its tables: a start that was cut short leaves it without."""
    return len(connection.execute("SHOW TABLES").fetchall()) >= len(TABLES)


def holds_foreign_objects(path: Path) -> bool:
    """Return whether a file holds other tables than a warehouse's, or views, macros and the like.

    Raises `duckdb.Error` where it cannot be opened.
    """
    with closing(duckdb.connect(":memory:", config=CLOSED)) as expected:
        create_tables(expected)
        with closing(closed_duckdb(path, read_only=True)) as found:
            return _objects_in(found) != _objects_in(expected)


def _objects_in(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    has_triggers = connection.execute(_HAS_TRIGGERS).fetchone()
    statement = _OBJECTS + (_TRIGGERS if has_triggers else "")
    return sorted(connection.execute(statement).fetchall(), key=repr)
