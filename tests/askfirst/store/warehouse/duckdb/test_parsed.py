"""Statements that are read once: each connection and each call has its own values and tables."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import duckdb
import pyarrow as pa
import pytest

from askfirst.store.warehouse.duckdb.reading.parsed import ParsedStatements

ASKED = "SELECT sum(n) + $more FROM given"


def answer(kept: ParsedStatements, connection: duckdb.DuckDBPyConnection, more: int) -> int:
    found = connection.execute(kept.of(connection, ASKED), {"more": more}).fetchone()
    return found[0] if found else -1


def test_a_text_is_read_once_for_all_connections_and_answers_each_with_its_own_values_and_tables():
    kept = ParsedStatements()
    with closing(duckdb.connect()) as first, closing(duckdb.connect()) as second:
        first.register("given", pa.table({"n": [1, 2]}))
        second.register("given", pa.table({"n": [10]}))

        assert [answer(kept, first, 0), answer(kept, second, 5), answer(kept, first, 7)] == [
            3,
            15,
            10,
        ]
        assert kept.of(first, ASKED) is kept.of(second, ASKED)


def test_threads_that_ask_the_same_text_at_once_get_their_own_answers():
    kept = ParsedStatements()
    with closing(duckdb.connect()) as database, ThreadPoolExecutor(8) as pool:
        database.execute("CREATE TABLE given AS SELECT range AS n FROM range(1000)")
        found = list(pool.map(lambda more: answer(kept, database.cursor(), more), range(200)))

    assert found == [499_500 + more for more in range(200)]


def test_those_that_were_not_asked_for_long_are_read_again():
    kept = ParsedStatements(most=2)
    with closing(duckdb.connect()) as database:
        first, second = kept.of(database, "SELECT 1"), kept.of(database, "SELECT 2")
        assert kept.of(database, "SELECT 1") is first
        kept.of(database, "SELECT 3")

        assert kept.of(database, "SELECT 1") is first
        assert kept.of(database, "SELECT 2") is not second


@pytest.mark.parametrize("text", ["", "SELECT 1; DROP TABLE given", "SELECT 'cut"])
def test_a_text_that_is_not_one_statement_is_never_carried_out(text: str):
    with closing(duckdb.connect()) as database:
        database.execute("CREATE TABLE given (n INTEGER)")
        with pytest.raises(duckdb.Error):
            ParsedStatements().of(database, text)

        assert database.execute("SELECT count(*) FROM given").fetchall() == [(0,)]
