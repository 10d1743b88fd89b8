"""Adding to stored sums: a row that is missing is made, one that is there grows."""

from typing import Any

from sqlalchemy import Table


def adding_to(table: Table, dialect: str) -> Any:
    """Return the statement that adds rows to a table of sums, in the words of a database.

    The sum is the column `count`; what is counted is the primary key.
    """
    insert = _insert_of(dialect)(table)
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={"count": table.c.count + insert.excluded.count},
    )


def _insert_of(dialect: str) -> Any:
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - SQLite does without

        return postgresql.insert
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - as the other one

    return sqlite.insert
