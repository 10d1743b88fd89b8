"""Rows beside the warehouse are stored once while they are used, and never answered in part."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pytest

from askfirst.errors import Unavailable
from askfirst.store.warehouse.clickhouse.client import Client
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.clickhouse.errors import StatementRefused
from askfirst.store.warehouse.clickhouse.stored_rows import StoredRows
from tests.askfirst.store.warehouse.clickhouse.test_rewriting import events

SQL = 'SELECT sum(number) AS total FROM "many"'
NUMBERS = range(5_000)
TABLES = "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'kept_%'"


@pytest.fixture
def engine(chdb: Any, database: str) -> Iterator[ClickHouseEngine]:
    opened: ClickHouseEngine = chdb.engine(database)
    yield opened
    opened.close()


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


def stored(client: Client) -> list[str]:
    return [row["name"] for row in client.rows(TABLES)]


def test_rows_that_several_statements_name_are_stored_once(
    engine: ClickHouseEngine, client: Client
) -> None:
    rows = many()
    assert total(engine, rows) == total(engine, rows) == streamed(engine, rows) == sum(NUMBERS)
    assert len(stored(client)) == 1


def test_rows_that_threads_name_at_once_are_stored_once(
    engine: ClickHouseEngine, client: Client
) -> None:
    rows = many()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: total(engine, rows), range(8)))
    assert found == [sum(NUMBERS)] * 8
    assert len(stored(client)) == 1


def test_other_rows_of_the_same_name_are_others(engine: ClickHouseEngine) -> None:
    rows = many()
    assert total(engine, rows) == sum(NUMBERS)
    assert total(engine, rows.slice(1_000)) == sum(NUMBERS[1_000:])
    assert total(engine, rows) == sum(NUMBERS)


def test_rows_that_nobody_holds_are_dropped_by_whoever_reads_next(
    engine: ClickHouseEngine, client: Client
) -> None:
    total(engine, many())
    with engine.reading():
        pass
    assert stored(client) == []


def test_law_6_rows_that_nobody_holds_are_dropped_by_the_commit_that_deletes(
    engine: ClickHouseEngine, client: Client
) -> None:
    rows = many()
    total(engine, rows)
    del rows
    engine.commit([events(1)], "a")
    assert stored(client) == []


def test_all_are_dropped_when_the_engine_is_closed(
    engine: ClickHouseEngine, client: Client
) -> None:
    rows = many()
    total(engine, rows)
    engine.close()
    assert stored(client) == []
    assert rows.num_rows


@pytest.mark.parametrize("lost", ["TRUNCATE TABLE", "DROP TABLE"])
@pytest.mark.parametrize("ask", [total, streamed])
def test_rows_that_the_server_lost_are_stored_anew(
    engine: ClickHouseEngine, client: Client, lost: str, ask: Any
) -> None:
    rows = many()
    total(engine, rows)
    (name,) = stored(client)
    client.run(f"{lost} {name}")  # as a start of the server leaves a table in its memory
    assert ask(engine, rows) == sum(NUMBERS)
    assert stored(client) != [name]


def test_what_was_stored_in_part_is_not_answered_and_not_left(
    engine: ClickHouseEngine, client: Client, monkeypatch: pytest.MonkeyPatch
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
    assert stored(client) == []
    assert total(engine, rows) == sum(NUMBERS)
    assert len(stored(client)) == 1


def test_two_that_lost_the_same_rows_at_once_store_them_once(
    engine: ClickHouseEngine, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, both = many(), threading.Barrier(2, timeout=60)
    total(engine, rows)
    client.run(f"DROP TABLE {stored(client)[0]}")

    def after_both_failed(self: StoredRows, tables: Any, failed: str) -> None:
        both.wait()
        forget(self, tables, failed)

    forget = StoredRows.forget
    monkeypatch.setattr(StoredRows, "forget", after_both_failed)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: total(engine, rows), range(2)))
    assert found == [sum(NUMBERS)] * 2
    assert len(stored(client)) == 1


def test_what_another_has_stored_anew_meanwhile_is_not_forgotten(client: Client) -> None:
    rows, known = many(), StoredRows(client, "kept_test_")
    lost = known.query(rows)
    known.forget([rows], lost)
    again = known.query(rows)
    known.forget([rows], lost)
    assert again != lost
    assert known.query(rows) == again
    known.drop_all()
    assert stored(client) == []


def test_a_server_that_is_away_is_asked_once_to_drop_and_again_later(
    engine: ClickHouseEngine, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [many() for _ in range(3)]
    for rows in held:
        total(engine, rows)
    del rows
    asked = []

    def away(_self: Client, sql: str, *_values: Any) -> None:
        asked.append(sql)
        raise Unavailable("The server is away.")

    with monkeypatch.context() as patch:
        patch.setattr(Client, "run", away)
        held.clear()
        with engine.reading():
            pass
    assert len(asked) == 1
    assert len(stored(client)) == 3
    with engine.reading():
        pass
    assert stored(client) == []


def test_a_table_that_the_server_keeps_does_not_hold_up_the_others(
    engine: ClickHouseEngine, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [many(), many()]
    for rows in held:
        total(engine, rows)
    del rows
    asked = []

    def refused(self: Client, sql: str, *values: Any) -> None:
        asked.append(sql)
        if len(asked) == 1:
            raise StatementRefused("The server refuses.", 497)
        run(self, sql, *values)

    run = Client.run
    monkeypatch.setattr(Client, "run", refused)
    held.clear()
    with engine.reading():
        pass
    assert len(stored(client)) == 1
