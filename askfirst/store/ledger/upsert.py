"""Adding to stored sums: a missing row is inserted, an existing one grows."""

import asyncio
from collections import Counter
from typing import Any

from sqlalchemy import Table

from askfirst.store.ledger.database import Ledger


class WaitingSums:
    """Sums up counts in memory, and adds them to a table of the ledger when `flush` is called.

    The sum is in the column `count`; the other columns are the primary key, and their values, in
    their order, are the key here.
    """

    def __init__(self, ledger: Ledger, table: Table) -> None:
        self._ledger = ledger
        self._table = table
        self._names = [column.name for column in table.primary_key]
        self._waiting: Counter[tuple[int | str, ...]] = Counter()
        self._flushing = asyncio.Lock()

    def add(self, *key: int | str, times: int = 1) -> None:
        """Count a key so many times more."""
        self._waiting[key] += times

    @property
    def total(self) -> int:
        """The sum of the counts that are not written yet."""
        return self._waiting.total()

    async def flush(self) -> None:
        """Write the sums; those that cannot be written are kept for the next time.

        Returns when the sums of a flush that is still running are durable, too.
        """
        async with self._flushing:
            if self._waiting:
                await self._write()

    async def _write(self) -> None:
        taken, self._waiting = self._waiting, Counter()
        try:
            async with self._ledger.write() as connection:
                statement = adding_to(self._table, connection.dialect.name)
                await connection.execute(statement, [self._row(*one) for one in taken.items()])
        except BaseException:
            self._waiting.update(taken)
            raise

    def _row(self, key: tuple[int | str, ...], times: int) -> dict[str, int | str]:
        return {**dict(zip(self._names, key, strict=True)), "count": times}


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
