"""Empty warehouses that the tests of a process use in turn: to open one takes DuckDB 45 ms."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from askfirst.errors import Unavailable
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.duckdb.schema import filled_tables
from askfirst.store.warehouse.warehouse import Warehouse

_free: list["_Lent"] = []
"""Empty warehouses that nobody uses now."""


class _Lent(DuckDBEngine):
    """A warehouse in a folder of its own, which lasts until it fails or `end_all`."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory()
        super().__init__(Path(self._folder.name) / "warehouse.duckdb")

    def end(self) -> None:
        """Close the file and remove it."""
        self.close()
        self._folder.cleanup()

    def is_emptied(self) -> bool:
        """Remove every row; return whether that went well, and nobody reads meanwhile."""
        shared = self._connection
        if shared._users or shared._given_up or shared._root is None:
            return False
        try:
            with shared.transaction() as cursor:
                for table in filled_tables(cursor) - {"form"}:
                    cursor.execute(f"DELETE FROM {table}")
        except Unavailable:  # somebody else has not ended a transaction
            return False
        return True


@contextmanager
def lent_warehouse() -> Iterator[Warehouse]:
    """Yield an empty warehouse, for tests that do not look at its file.

    What a test before has written is deleted, and not rewritten: bytes of it may be left.
    """
    engine = _free.pop() if _free else _Lent()
    try:
        yield Warehouse(engine)
    except BaseException:
        engine.end()
        raise
    if engine.is_emptied():
        _free.append(engine)
    else:
        engine.end()


def end_all() -> None:
    """Close and remove the warehouses that nobody uses."""
    while _free:
        _free.pop().end()
