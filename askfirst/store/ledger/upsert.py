"""Adding to stored sums: a missing row is inserted, an existing one grows."""

from typing import Any

from sqlalchemy import Table


def adding_to(table: Table, dialect: str) -> Any:
    """Return the statement that adds rows to a table of sums, in a database's dialect.

    The sum is in the column `count`; the other columns are the primary key.
    """
    insert = _insert_of(dialect)(table)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={"count": table.c.count + insert.excluded.count},
    )


def _insert_of(dialect: str) -> Any:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - not needed for SQLite

        return postgresql.insert
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - not needed for PostgreSQL

    return sqlite.insert
