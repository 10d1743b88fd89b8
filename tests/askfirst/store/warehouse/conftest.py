"""A fresh warehouse of each engine: DuckDB, and the real ClickHouse engine in this process."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

import pytest

from askfirst.store.warehouse.clickhouse.address import Address
from askfirst.store.warehouse.clickhouse.client import Client
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.engine import Engine
from tests.askfirst.store.warehouse.amount import IS_LONG
from tests.warehouses import lent_warehouse

CONFIG = """
<clickhouse>
  <tcp_port>9000</tcp_port>
  <remote_servers>
    <one><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></one>
  </remote_servers>
</clickhouse>
"""
"""A cluster of one shard, which is this process."""

# Machine code for expressions that are used thrice costs a statement of a test more than it saves,
# and so do threads for a few rows: only the long tests have several.
CHEAP = {
    "compile_expressions": 0,
    "compile_aggregate_expressions": 0,
    "compile_sort_description": 0,
    **({} if IS_LONG else {"max_threads": 1}),
}
OpenEngine = Callable[[], AbstractContextManager[Engine]]


class Chdb:
    """The one session of ClickHouse in this process; a database for each test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "data"
        self._config = folder / "config.xml"
        self._config.write_text(CONFIG)
        self._numbers = itertools.count(1)
        self._root = self.connect("default")

    def connect(self, database: str) -> Any:
        """Return a client of clickhouse-connect, as `clickhouse_connect.get_client` does."""
        from clickhouse_connect.driver._chdbclient import ChdbClient

        options = {"config-file": str(self._config)}
        return ChdbClient(str(self.folder), database, CHEAP, chdb_options=options)

    def raw(self, database: str) -> Any:
        """Return a connection of the engine itself."""
        import chdb

        opened = chdb.connect(f"{self.folder}?{urlencode({'config-file': self._config})}")
        opened.query(f"USE `{database}`", "TabSeparated")
        return opened

    def client(self, database: str, **options: Any) -> Client:
        connect = partial(self.connect, database)
        return Client(connect, f"chdb/{database}", in_detail=True, **options)

    def engine(self, database: str, **options: Any) -> ClickHouseEngine:
        address = Address("chdb", database)
        return ClickHouseEngine(address, client=self.client(database), **options)

    @contextmanager
    def database(self) -> Iterator[str]:
        """Yield the name of a new database, which is dropped at the end."""
        name = f"test_{next(self._numbers)}"
        self._root.command(f"CREATE DATABASE {name}")
        try:
            yield name
        finally:
            self._root.command(f"DROP DATABASE {name} SYNC")

    def close(self) -> None:
        self._root.close()


def keep_settings(patch: pytest.MonkeyPatch) -> None:
    """Leave the settings of a statement to the next one, which sets only what it needs otherwise.

    Ten come with each statement: to ask for them, to set all and to set them back takes longer
    than many a statement.
    """
    from clickhouse_connect.driver._backend.chdb_backend import ChdbBackend

    left: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
    set_all = ChdbBackend._apply_settings_locked

    def unset(backend: Any, settings: Mapping[str, str]) -> dict[str, tuple[str, bool]]:
        known = left.setdefault(backend, {})
        for name in known.keys() - settings.keys():
            backend._query_locked(f"SET {name} = DEFAULT", "TabSeparated")
            del known[name]
        return {}  # nothing is set back afterwards

    def set_others(backend: Any, settings: Mapping[str, str]) -> None:
        for name, value in settings.items():
            if left[backend].get(name) != value:
                left[backend].pop(name, None)
                set_all(backend, {name: value})
                left[backend][name] = value

    patch.setattr(ChdbBackend, "_snapshot_settings_locked", unset)
    patch.setattr(ChdbBackend, "_apply_settings_locked", set_others)


@pytest.fixture(scope="session")
def chdb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chdb]:
    with pytest.MonkeyPatch.context() as patch:
        keep_settings(patch)
        opened = Chdb(tmp_path_factory.mktemp("chdb"))
        yield opened
        opened.close()


@pytest.fixture(scope="session", params=["duckdb", "clickhouse"])
def open_engine(request: pytest.FixtureRequest) -> OpenEngine:
    """Return what opens an empty warehouse: `with open_engine() as engine`."""

    @contextmanager
    def opened() -> Iterator[Engine]:
        if request.param == "duckdb":
            with lent_warehouse() as warehouse:
                yield warehouse.engine
            return
        session = request.getfixturevalue("chdb")
        with session.database() as database:
            engine = session.engine(database)
            yield engine
            engine.close()

    return opened


@pytest.fixture
def engine(open_engine: OpenEngine) -> Iterator[Engine]:
    with open_engine() as opened:
        yield opened


@pytest.fixture
def database(chdb: Chdb) -> Iterator[str]:
    """Yield the name of a new database of ClickHouse."""
    with chdb.database() as name:
        yield name


@pytest.fixture
def client(chdb: Chdb, database: str) -> Iterator[Client]:
    """Yield a client of that database."""
    opened = chdb.client(database)
    yield opened
    opened.close()
