"""Opening a ClickHouse database: whose it is, which form it has, and who may write."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from askfirst.errors import AskfirstError, Misconfigured
from askfirst.store.warehouse.appending.rows import insert_rows
from askfirst.store.warehouse.clickhouse.client import Client
from askfirst.store.warehouse.tables import VERSION


@pytest.fixture
def database(chdb: Any) -> Iterator[str]:
    with chdb.database() as name:
        yield name


@pytest.fixture
def client(chdb: Any, database: str) -> Iterator[Client]:
    opened = chdb.client(database)
    yield opened
    opened.close()


def tables(client: Client) -> set[str]:
    sql = "SELECT name FROM system.tables WHERE database = currentDatabase()"
    return {row["name"] for row in client.rows(sql)}


def test_a_table_with_other_columns_is_named_and_nothing_is_written(
    chdb: Any, database: str, client: Client
) -> None:
    client.run("CREATE TABLE visits (site Int32, secret String) ENGINE = MergeTree ORDER BY site")
    with pytest.raises(Misconfigured, match=r"table 'visits' .* differs in .*'secret'"):
        chdb.engine(database).prepare()
    assert tables(client) == {"visits"}


def test_a_newer_form_is_refused(chdb: Any, database: str, client: Client) -> None:
    engine = chdb.engine(database)
    engine.prepare()
    engine.commit(insert_rows("form", ("one", "version"), [(1, VERSION + 1)]), "newer")
    engine.close()
    for read_only in (False, True):
        with pytest.raises(Misconfigured, match=f"form {VERSION + 1}, which a newer Askfirst"):
            chdb.engine(database, read_only=read_only).prepare()


def test_a_creation_that_was_cut_short_is_completed(
    chdb: Any, database: str, client: Client
) -> None:
    engine = chdb.engine(database, server="one")
    engine.prepare()
    engine.close()
    client.run("DROP TABLE counts SYNC")
    client.run("TRUNCATE TABLE form_rows")
    again = chdb.engine(database, server="one")
    again.prepare()
    assert "counts" in tables(client)
    assert client.rows("SELECT version FROM form") == [{"version": VERSION}]
    again.close()


def test_a_reader_of_an_empty_database_writes_nothing(
    chdb: Any, database: str, client: Client
) -> None:
    with pytest.raises(Misconfigured, match="does not hold a complete warehouse"):
        chdb.engine(database, read_only=True).prepare()
    assert tables(client) == set()


def test_a_reader_reads_while_a_server_writes(chdb: Any, database: str) -> None:
    engine = chdb.engine(database)
    engine.commit(insert_rows("texts", ("column", "id", "text"), [("path", 1, "/")]), "a")
    reads = chdb.engine(database, read_only=True)
    with reads.reading() as reader:
        assert reader.arrow("SELECT text FROM texts")["text"].to_pylist() == ["/"]
    with pytest.raises(AskfirstError, match="only be read"):
        reads.commit([], "b")
    reads.close()
    engine.close()


def test_a_second_server_is_refused_while_the_first_runs(chdb: Any, database: str) -> None:
    first, second = (chdb.engine(database, server=name) for name in ("one", "two"))
    first.prepare()
    with pytest.raises(
        Misconfigured, match=r"Another Askfirst server, on .* Only one may: stop it"
    ):
        second.prepare()
    first.close()
    second.prepare()
    second.close()


def test_a_server_that_crashed_starts_again_at_once(chdb: Any, database: str) -> None:
    for _ in range(2):
        engine = chdb.engine(database, server="one")
        engine.prepare()
        engine._owner.stop()


def test_another_server_takes_over_when_the_lease_of_a_crashed_one_has_run_out(
    chdb: Any, database: str, client: Client
) -> None:
    first, second = (chdb.engine(database, server=name) for name in ("one", "two"))
    first.prepare()
    first._owner.stop()
    run_out(client)
    second.prepare()
    row = insert_rows("texts", ("column", "id", "text"), [("path", 1, "/")])
    second.commit(row, "a")
    first._owner._sure_until = 0.0
    with pytest.raises(Misconfigured, match="Another Askfirst server"):
        first.commit(row, "b")
    second.close()


def run_out(client: Client) -> None:
    """Let the lease end, as time does."""
    client.run(
        "INSERT INTO owner SELECT generation + 1, server, host, now64(3) - toIntervalSecond(1)"
        " FROM owner ORDER BY generation DESC LIMIT 1"
    )


def test_of_two_claims_at_once_one_succeeds(chdb: Any, database: str, client: Client) -> None:
    engines = [chdb.engine(database, server=name) for name in ("one", "two")]
    engines[0].prepare()
    engines[0]._owner.stop()
    run_out(client)
    newest = engines[0]._owner._newest()
    for engine in engines:
        engine._owner._newest = lambda: newest  # both saw it before either claimed
    engines[1]._owner.claim()
    with pytest.raises(Misconfigured):
        engines[0]._owner.claim()


def test_what_another_reader_keeps_now_is_not_dropped_at_a_start(
    chdb: Any, database: str, client: Client
) -> None:
    client.run("CREATE TABLE kept_fresh (a Int8) ENGINE = Memory")
    engine = chdb.engine(database)
    engine.prepare()
    engine.close()
    assert "kept_fresh" in tables(client)
