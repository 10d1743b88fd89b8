"""A statement that takes too long is interrupted, and whoever asks next is answered."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from askfirst.errors import TookTooLong
from askfirst.store.warehouse.duckdb.engine import DuckDBEngine
from askfirst.store.warehouse.engine import Engine
from askfirst.store.warehouse.time_limit import TimeLimit

ENDLESS = {
    "duckdb": "SELECT count(*) AS n FROM range(100000000) a, range(100000000) b",
    "clickhouse": "SELECT count() AS n FROM numbers(100000000) a, numbers(100000000) b",
}
ONE = "SELECT 1 AS n"


def rows(engine: Engine, sql: str, limit: TimeLimit | None = None) -> list[Any]:
    with engine.reading(limit) as reader:
        return reader.arrow(sql)["n"].to_pylist()


def test_an_endless_statement_is_interrupted_and_the_next_is_answered(engine: Engine) -> None:
    with pytest.raises(TookTooLong, match=r"within 0\.2 seconds: try again") as caught:
        rows(engine, ENDLESS[engine.dialect], TimeLimit(0.2))

    assert (caught.value.status, caught.value.retry_after) == (503, 10)
    assert rows(engine, ONE, TimeLimit(600)) == [1]


def test_a_statement_that_is_streamed_is_interrupted_too(engine: Engine) -> None:
    if not isinstance(engine, DuckDBEngine):
        pytest.skip("ClickHouse ends both in the same way.")

    def sink(batches: Any) -> int:
        return sum(batch.num_rows for batch in batches)

    with engine.reading(TimeLimit(0.2)) as reader, pytest.raises(TookTooLong):
        reader.stream(ENDLESS[engine.dialect], None, None, sink)
    with engine.reading(TimeLimit(600)) as reader:
        assert reader.stream(ONE, None, None, sink) == 1


def test_an_interruption_of_one_leaves_others_alone(engine: Engine) -> None:
    if not isinstance(engine, DuckDBEngine):
        pytest.skip("The server keeps statements of ClickHouse apart.")
    answers: list[Any] = []

    def other() -> None:
        sql = "SELECT count(*) AS n FROM range(9000) a, range(9000) b WHERE a.range > b.range"
        answers.append(rows(engine, sql, TimeLimit(600)))

    thread = threading.Thread(target=other)
    thread.start()
    with pytest.raises(TookTooLong):
        rows(engine, ENDLESS["duckdb"], TimeLimit(0.05))
    thread.join()

    assert answers == [[9000 * 8999 // 2]]


def test_nothing_is_begun_when_the_time_is_over(engine: Engine) -> None:
    with pytest.raises(TookTooLong):
        rows(engine, ONE, TimeLimit(0))


def test_a_statement_without_a_limit_is_not_watched(engine: Engine) -> None:
    assert rows(engine, ONE) == [1]


def refused_meanwhile(engine: DuckDBEngine) -> str:
    """Return the code of the error that another thread gets, which has 0.05 seconds."""
    codes: list[str] = []

    def late() -> None:
        with pytest.raises(TookTooLong) as caught:
            rows(engine, ONE, TimeLimit(0.05))
        codes.append(caught.value.code)

    thread = threading.Thread(target=late)
    thread.start()
    thread.join()
    return codes[0]


def test_waiting_for_the_one_that_reads_ends_with_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("engine", "files"):
        monkeypatch.setattr(f"askfirst.store.warehouse.duckdb.{module}.is_scarce", lambda: True)
    engine = DuckDBEngine(tmp_path / "w")

    with engine.reading():
        assert refused_meanwhile(engine) == "took_too_long"
    assert rows(engine, ONE, TimeLimit(600)) == [1]
    engine.close()


def test_waiting_for_the_file_to_be_exchanged_ends_with_the_limit(tmp_path: Path) -> None:
    engine = DuckDBEngine(tmp_path / "w")
    shared = engine._connection
    exchange = threading.Thread(target=shared.exchange, args=(lambda: None,))

    with engine.reading():
        exchange.start()
        while not shared._exchanging:
            exchange.join(0.001)
        assert refused_meanwhile(engine) == "took_too_long"
    exchange.join()
    assert rows(engine, ONE, TimeLimit(600)) == [1]
    engine.close()
