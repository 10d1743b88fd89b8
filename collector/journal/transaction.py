"""One durable transaction on the journal's connection, which is in autocommit mode otherwise."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

Statement = tuple[str, tuple[Any, ...]]
"""SQL and its values."""


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Commit when the block ends, and roll back when it fails."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def run_statements(statements: Sequence[Statement], connection: sqlite3.Connection) -> None:
    """Run all statements in one transaction."""
    with transaction(connection):
        for sql, values in statements:
            connection.execute(sql, values)
