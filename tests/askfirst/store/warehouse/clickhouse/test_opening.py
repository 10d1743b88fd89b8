"""Opening a ClickHouse database: whose it is, which form it has, and who may write."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from askfirst.clock import DAY_MS
from askfirst.errors import AskfirstError, Misconfigured, Unavailable
from askfirst.events import EVENT_COLUMNS
from askfirst.store.warehouse.appending.rows import insert_rows
from askfirst.store.warehouse.batches import batch_of
from askfirst.store.warehouse.clickhouse.address import Address
from askfirst.store.warehouse.clickhouse.client import Client
from askfirst.store.warehouse.clickhouse.committing import redo
from askfirst.store.warehouse.clickhouse.engine import ClickHouseEngine
from askfirst.store.warehouse.clickhouse.schema import Schema, kept_by
from askfirst.store.warehouse.engine import Delete, Insert
from askfirst.store.warehouse.logical.scope import NOT_SUMMARISED
from askfirst.store.warehouse.migration.marks import BEGUN, COPYING
from askfirst.store.warehouse.tables import TABLES, VERSION
from askfirst.store.warehouse.warehouse import Warehouse
from tests.askfirst.store.warehouse.clickhouse.faults import FaultyClient
from tests.askfirst.store.warehouse.streams import NOTHING, hex_of, id_of, naive

NOON = 1_780_315_200_000  # 2026-06-01
PROFILE = tuple(TABLES["profiles"].columns)


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


OTHER_ENGINES = {
    "rows that are not replaced": ("shipped_rows", "ReplacingMergeTree(written)", "MergeTree"),
    "rows that any replaces": ("form_rows", "ReplacingMergeTree(written)", "ReplacingMergeTree"),
    "another key": ("summarised_rows", "ORDER BY (site)", "ORDER BY (site, zone)"),
    "sums of other columns": (
        "counts", "SummingMergeTree((visits, views, bounces, ms))", "SummingMergeTree(visits)"
    ),
    "what is not added up": ("gaps", "SummingMergeTree((visitors))", "MergeTree"),
    "what would be added up": ("events", "MergeTree", "SummingMergeTree"),
    "rows that lie otherwise": ("events", "ORDER BY (site, time)", "ORDER BY (time, site)"),
    "the log": ("redo", "MergeTree", "ReplacingMergeTree"),
}  # fmt: skip


@pytest.mark.parametrize("which", OTHER_ENGINES)
def test_a_table_that_keeps_its_rows_otherwise_is_named_and_nothing_is_written(
    chdb: Any, database: str, client: Client, which: str
) -> None:
    name, ours, other = OTHER_ENGINES[which]
    (statement,) = [one for one in Schema().create_statements() if f"EXISTS `{name}`" in one]
    made = statement.replace("`", "").replace(ours, other)
    assert other in made
    client.run(made)
    for read_only in (False, True):
        with pytest.raises(Misconfigured, match=f"table '{name}' .* its engine is .* has to be"):
            chdb.engine(database, read_only=read_only).prepare()
    assert tables(client) == {name}


LOSING = {
    "ADD CONSTRAINT few CHECK site > 99": r"'events' .* a constraint",
    "MODIFY TTL toDateTime(intDiv(time, 1000)) + INTERVAL 1 DAY": r"'events' .* \(TTL\)",
    "MODIFY COLUMN path TTL toDateTime(intDiv(time, 1000)) + INTERVAL 1 DAY": r"\(TTL\)",
    "MODIFY SETTING non_replicated_deduplication_window = 0": r"'events' .* window of 0",
    "MODIFY COLUMN path Int32 MATERIALIZED 5": r"'events' .* differs in 'path'",
}


@pytest.mark.parametrize("change", LOSING)
def test_a_table_that_loses_or_refuses_rows_is_named(
    chdb: Any, database: str, client: Client, change: str
) -> None:
    (statement,) = [one for one in Schema().create_statements() if "EXISTS `events`" in one]
    client.run(statement)
    client.run(f"ALTER TABLE events {change}")
    for read_only in (False, True):
        with pytest.raises(Misconfigured, match=LOSING[change]):
            chdb.engine(database, read_only=read_only).prepare()
    assert tables(client) == {"events"}


def test_a_table_in_the_place_of_a_view_is_named(chdb: Any, database: str, client: Client) -> None:
    client.run("CREATE TABLE shipped (journal String, seq Int64) ENGINE = MergeTree ORDER BY seq")
    with pytest.raises(Misconfigured, match=r"table 'shipped' .* has to be View"):
        chdb.engine(database).prepare()


def test_a_database_into_which_a_copy_has_not_ended_is_refused_whenever_it_is_reached(
    chdb: Any, database: str
) -> None:
    copying = chdb.engine(database, server="one")
    copying.commit(insert_rows("shipped", ("journal", "seq"), [(COPYING, BEGUN)]), "begin")
    writes, reads = chdb.engine(database, server="one"), chdb.engine(database, read_only=True)
    for engine in (writes, reads):
        engine.refuse_unfinished()
    for engine in (writes, reads, writes, reads):
        with pytest.raises(Misconfigured, match="has not ended"):
            engine.watermark("j")
    with pytest.raises(Misconfigured, match="has not ended"):
        writes.commit(insert_rows("shipped", ("journal", "seq"), [("j", 5)]), "a batch")
    copying.commit([Delete("shipped", equal={"journal": COPYING})], "end")
    copying.close()
    assert [engine.watermark("j") for engine in (writes, reads)] == [0, 0]
    for engine in (writes, reads):
        engine.close()


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
    assert client.rows("SELECT version FROM form WHERE one = 1") == [{"version": VERSION}]
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
        assert engine.watermark("journal") == 0
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


def test_tables_that_a_crashed_process_kept_are_dropped_by_its_next_start_and_others_by_age(
    chdb: Any, database: str, client: Client
) -> None:
    own = kept_by("one")
    for name in (f"{own}left", "kept_reader", "kept_old"):
        client.run(f"CREATE TABLE {name} (a Int8) ENGINE = Memory")
    (file,) = chdb.folder.glob("store/*/*/kept_old.sql")
    os.utime(file, (file.stat().st_mtime - 90_000,) * 2)
    reads = chdb.engine(database, server="one", read_only=True)
    with pytest.raises(Misconfigured):
        reads.prepare()
    assert len(tables(client)) == 3
    engine = chdb.engine(database, server="one")
    engine.prepare()
    assert {name for name in tables(client) if name.startswith("kept_")} == {"kept_reader"}
    engine.close()


def view(number: int) -> Any:
    row = NOTHING | {
        "site_id": 1, "event_id": id_of(number), "kind": "page_view", "time": naive(NOON),
        "visitor_id": hex_of("v"), "visit_id": id_of(1), "consent_id": hex_of("c"),
        "policy_version": 1, "path": f"/{number}", "country": "DE", "utm_source": "mail",
        "scroll": 50, "amount": 2**40,
    }  # fmt: skip
    return batch_of({name: [row[name]] for name in EVENT_COLUMNS})


def made_by_an_older_release(client: Client) -> None:
    """Take columns away, as if dimensions had not been there yet."""
    added = (("events", "title"), ("events", "amount"), ("events", "scroll"))
    for table, column in (("events", "utm_source"), ("profiles", "country"), *added):
        client.run(f"ALTER TABLE {table} DROP COLUMN {column}")


def test_columns_that_an_older_release_had_not_are_added(
    chdb: Any, database: str, client: Client
) -> None:
    older = chdb.engine(database, server="one")
    warehouse = Warehouse(older)
    warehouse.append(view(1), "j", 1)
    while warehouse.fold(1, "UTC", NOON + 3 * DAY_MS):
        pass
    older.close()
    made_by_an_older_release(client)
    with pytest.raises(Misconfigured, match=r"'events' .* older release: it has no 'title'"):
        chdb.engine(database, read_only=True).prepare()

    warehouse = Warehouse(chdb.engine(database, server="one"))
    assert warehouse.summarised(1) == NOT_SUMMARISED
    warehouse.append(view(2), "j", 2)
    found = warehouse.events()[["path", "utm_source", "country", "scroll", "amount"]]
    assert sorted(map(tuple, found.values)) == [
        ("/1", "", "", 0, 0),
        ("/2", "mail", "DE", 50, 2**40),
    ]
    while warehouse.fold(1, "UTC", NOON + 3 * DAY_MS):
        pass
    assert warehouse.summarised(1).until > NOON // DAY_MS
    warehouse.close()


def test_a_commit_that_an_older_release_left_open_is_carried_out_before_columns_are_added(
    chdb: Any, database: str, client: Client
) -> None:
    lost = FaultyClient(lambda: chdb.connect(database), "chdb", in_detail=True)
    older = ClickHouseEngine(Address("chdb", database), server="one", client=lost)
    older.prepare()
    (rows,) = insert_rows("profiles", PROFILE, [(1,) * len(PROFILE)])
    made_by_an_older_release(client)
    lost.arm(1, "lost")
    with monkeypatched_check(), pytest.raises(Unavailable):
        older.commit([Insert("profiles", rows.rows.drop_columns(["country"]))], "open")
    older._owner.stop()

    newer = chdb.engine(database, server="one")
    with newer.reading() as reader:
        found = reader.arrow("SELECT profile, country, browser FROM profiles").to_pylist()
    assert found == [{"profile": 1, "country": 0, "browser": 1}]
    newer.close()


@contextmanager
def monkeypatched_check() -> Iterator[None]:
    """Let a commit have the columns of an older release."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(redo, "check", lambda _: None)
        patched.setattr(redo, "joined", lambda operations: operations)
        yield


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("ALTER TABLE events ADD COLUMN screen String", "screen"),
        ("ALTER TABLE events MODIFY COLUMN path Int64", "path"),
        ("ALTER TABLE profiles DROP COLUMN policy_version", "policy_version"),
        ("ALTER TABLE visits DROP COLUMN lasted", "lasted"),
    ],
)
def test_other_columns_and_types_are_refused_and_nothing_is_changed(
    chdb: Any, database: str, client: Client, statement: str, name: str
) -> None:
    engine = chdb.engine(database, server="one")
    engine.prepare()
    engine.close()
    made_by_an_older_release(client)
    client.run(statement)
    before = client.rows(COLUMNS)
    with pytest.raises(Misconfigured, match=f"differs in '{name}'"):
        chdb.engine(database, server="one").prepare()
    assert client.rows(COLUMNS) == before


COLUMNS = """
SELECT table, name, type FROM system.columns WHERE database = currentDatabase() ORDER BY ALL
"""
