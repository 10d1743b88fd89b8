"""A copy of a warehouse in the real engine of ClickHouse, within this process (chdb)."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from askfirst.store.warehouse.clickhouse.address import Address
from askfirst.store.warehouse.clickhouse.client import Client
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.migration.copying import copy_engine

_DATABASE = "askfirst"
_BYTES = f"SELECT sum(bytes_on_disk) FROM system.parts WHERE database = '{_DATABASE}' AND active"


@contextmanager
def copied(path: Path) -> Iterator[tuple[ClickHouseEngine, Callable[[], int]]]:
    """Yield the copy, made as `askfirst move` makes one, and what tells its bytes on disk."""
    from clickhouse_connect.driver._chdbclient import ChdbClient  # noqa: PLC0415 - chdb is heavy

    def connect(database: str) -> Any:
        return ChdbClient(path=str(path.parent / "clickhouse"), database=database)

    root = connect("default")
    root.command(f"CREATE DATABASE {_DATABASE}")
    client = Client(partial(connect, _DATABASE), f"chdb/{_DATABASE}", in_detail=True)
    engine = ClickHouseEngine(Address("chdb", _DATABASE), client=client)
    with closing(engine):
        engine.prepare()
        with closing(DuckDBEngine(path, read_only=True)) as source:
            copy_engine(source, engine)
        yield engine, lambda: int(root.command(_BYTES))
