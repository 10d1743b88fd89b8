"""Rows beside the warehouse are stored once while they are used, and never answered in part."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest

from askfirst.errors import Unavailable
from askfirst.store.warehouse.clickhouse.client import Client
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from tests.askfirst.store.warehouse.clickhouse.test_rewriting import events

SQL = 'SELECT sum(number) AS total FROM "many"'
NUMBERS = range(5_000)
TABLES = "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'kept_%'"


@pytest.fixture
def database(chdb: Any) -> Iterator[str]:
    with chdb.database() as name:
        yield name


@pytest.fixture
def engine(chdb: Any, database: str) -> Iterator[ClickHouseEngine]:
    opened: ClickHouseEngine = chdb.engine(database)
    yield opened
    opened.close()


@pytest.fixture
def server(chdb: Any, database: str) -> Iterator[Client]:
    """Another client of the same database."""
    client: Client = chdb.client(database)
    yield client
    client.close()


def many() -> pa.Table:
    return pa.table({"number": pa.array(NUMBERS, pa.int32())})


def total(engine: ClickHouseEngine, rows: pa.Table) -> int:
    with engine.reading() as reader:
        return int(reader.arrow(SQL, None, {"many": rows})["total"][0].as_py())


def streamed(engine: ClickHouseEngine, rows: pa.Table) -> int:
    def added(blocks: Iterator[pa.RecordBatch]) -> int:
        return sum(int(one) for block in blocks for one in block["total"].to_pylist())

    with engine.reading() as reader:
        return reader.stream(SQL, None, {"many": rows}, added)


def stored(server: Client) -> list[str]:
    return [row["name"] for row in server.rows(TABLES)]


def test_rows_that_several_statements_name_are_stored_once(
    engine: ClickHouseEngine, server: Client
) -> None:
    rows = many()
    assert total(engine, rows) == total(engine, rows) == streamed(engine, rows) == sum(NUMBERS)
    assert len(stored(server)) == 1


def test_rows_that_threads_name_at_once_are_stored_once(
    engine: ClickHouseEngine, server: Client
) -> None:
    rows = many()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: total(engine, rows), range(8)))
    assert found == [sum(NUMBERS)] * 8
    assert len(stored(server)) == 1


def test_other_rows_of_the_same_name_are_others(engine: ClickHouseEngine) -> None:
    rows = many()
    assert total(engine, rows) == sum(NUMBERS)
    assert total(engine, rows.slice(1_000)) == sum(NUMBERS[1_000:])
    assert total(engine, rows) == sum(NUMBERS)


def test_rows_that_nobody_holds_are_dropped_by_whoever_reads_next(
    engine: ClickHouseEngine, server: Client
) -> None:
    total(engine, many())
    with engine.reading():
        pass
    assert stored(server) == []


def test_law_6_rows_that_nobody_holds_are_dropped_by_the_commit_that_deletes(
    engine: ClickHouseEngine, server: Client
) -> None:
    rows = many()
    total(engine, rows)
    del rows
    engine.commit([events(1)], "a")
    assert stored(server) == []


def test_all_are_dropped_when_the_engine_is_closed(
    engine: ClickHouseEngine, server: Client
) -> None:
    rows = many()
    total(engine, rows)
    engine.close()
    assert stored(server) == []
    assert rows.num_rows


@pytest.mark.parametrize("lost", ["TRUNCATE TABLE", "DROP TABLE"])
@pytest.mark.parametrize("ask", [total, streamed])
def test_rows_that_the_server_lost_are_stored_anew(
    engine: ClickHouseEngine, server: Client, lost: str, ask: Any
) -> None:
    rows = many()
    total(engine, rows)
    (name,) = stored(server)
    server.run(f"{lost} {name}")  # as a start of the server leaves a table in its memory
    assert ask(engine, rows) == sum(NUMBERS)
    assert stored(server) != [name]


def test_what_was_stored_in_part_is_not_answered_and_not_left(
    engine: ClickHouseEngine, server: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = many()

    def interrupted(self: Client, table: str, _rows: pa.Table, token: str | None = None) -> None:
        insert(self, table, rows.slice(10), token)
        raise Unavailable("The server is away.")

    insert = Client.insert
    with monkeypatch.context() as patch:
        patch.setattr(Client, "insert", interrupted)
        with pytest.raises(Unavailable):
            total(engine, rows)
    assert stored(server) == []
    assert total(engine, rows) == sum(NUMBERS)
    assert len(stored(server)) == 1
