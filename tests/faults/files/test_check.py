"""`askfirst check` names what differs between the stores, and repairs what can be."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from sqlalchemy import select

from askfirst.store.ledger.tables import consent_records
from server.checks.check import examine
from server.checks.differences import BY_START
from server.checks.repair import repair
from tests.factories import NOON, a_view, an_entry, asked, settings_in
from tests.world import open_world


async def three_events(folder: Path) -> None:
    async with open_world(folder) as world:
        browser = world.browser()
        await browser.accept()
        await browser.send(*(a_view() for _ in range(3)))


def in_sqlite(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def in_warehouse(folder: Path, statement: str) -> None:
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(statement)


def forged(folder: Path) -> None:
    in_sqlite(folder / "ledger.db", "UPDATE consent_records SET language = 'xx'")


def without_ground(folder: Path) -> None:
    in_warehouse(folder, "UPDATE events SET time = time - 31536000000")


def of_another_visitor(folder: Path) -> None:
    in_warehouse(folder, "UPDATE visitors SET visitor_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'")


def doubled(folder: Path) -> None:
    in_warehouse(folder, "INSERT INTO events SELECT * FROM events LIMIT 1")


def asked_to_erase(folder: Path) -> None:
    """Leave what a process leaves that ends between the request and the erasing."""

    async def ask() -> None:
        async with open_world(folder.parent) as world, world.services.ledger.read() as connection:
            chosen = select(consent_records.c.site_id, consent_records.c.visitor_id)
            site_id, visitor_id = (await connection.execute(chosen)).one()
            world.clock.move(minutes=1)
            await world.services.eraser._request(site_id, [visitor_id], visitor_id)

    asyncio.run(ask())


def cut_at_its_end(folder: Path) -> None:
    in_sqlite(folder / "journal.db", "UPDATE meta SET value = 0 WHERE name = 'last'")


def left_unshipped(folder: Path) -> None:
    in_sqlite(
        folder / "journal.db",
        "INSERT INTO waiting SELECT 1, arrived_at, 1, ids, 0, x'' FROM shipped LIMIT 1",
        "DELETE FROM shipped",
    )


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (forged, "Record 1"),
        (without_ground, "3 events have no consent"),
        (of_another_visitor, "3 events have no consent"),
        (doubled, "1 event ids"),
    ],
)
def test_check_names_what_cannot_be_repaired(
    tmp_path: Path, harm: Callable[[Path], None], words: str
):
    asyncio.run(three_events(tmp_path))
    harm(tmp_path / "data")
    (found,) = examine(tmp_path / "data")

    assert words in found.sentence
    assert found.repaired_by == ""


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (asked_to_erase, "1 erasures"),
        (cut_at_its_end, "The journal ends"),
        (left_unshipped, "shipped events were not"),
    ],
)
def test_check_repairs_what_a_start_would_repair(
    tmp_path: Path, harm: Callable[[Path], None], words: str
):
    asyncio.run(three_events(tmp_path))
    harm(tmp_path / "data")
    found = examine(tmp_path / "data")
    repair(settings_in(tmp_path / "data"))

    assert [words in one.sentence for one in found] == [True]
    assert found[0].repaired_by
    assert examine(tmp_path / "data") == []


def test_law_7_check_ships_an_event_that_lies_behind_the_watermark(tmp_path: Path):
    asyncio.run(three_events(tmp_path))

    async def leave_one_behind() -> None:
        async with open_world(tmp_path) as world:
            browser = world.browser()
            await browser.accept()
            await browser.send()
            await asyncio.to_thread(keep_copy)

    def keep_copy() -> None:
        path = tmp_path / "journal.db"
        with closing(sqlite3.connect(tmp_path / "data" / "journal.db")) as source:
            source.execute("VACUUM INTO ?", (str(path),))

    asyncio.run(leave_one_behind())
    in_warehouse(
        tmp_path / "data", "DELETE FROM events WHERE time = (SELECT max(time) FROM events)"
    )
    (tmp_path / "journal.db").replace(tmp_path / "data" / "journal.db")
    found = examine(tmp_path / "data")
    repair(settings_in(tmp_path / "data"))

    assert "are not in the warehouse" in found[0].sentence
    assert examine(tmp_path / "data") == []


def test_check_reads_a_damaged_file_to_its_end(tmp_path: Path):
    asyncio.run(three_events(tmp_path))
    (tmp_path / "data" / "journal.db").write_bytes(b"SQLite format 3\0" + b"x" * 8192)

    assert [one.sentence for one in examine(tmp_path / "data")] == [
        "The file journal.db is damaged."
    ]


def test_law_7_check_names_waiting_events_whose_bytes_have_changed(tmp_path: Path):
    copy = tmp_path / "journal.db"

    async def leave_two_groups() -> None:
        async with open_world(tmp_path) as world:
            browser = world.browser()
            await browser.accept()
            await browser.send(a_view(), a_view())
            await browser.send(a_view())
            await asked(world.services.journal, f"VACUUM INTO '{copy}'")

    asyncio.run(leave_two_groups())
    copy.replace(tmp_path / "data" / "journal.db")
    in_warehouse(tmp_path / "data", "DELETE FROM events; DELETE FROM shipped")
    in_sqlite(
        tmp_path / "data" / "journal.db",
        "UPDATE waiting SET body = CAST(body || ' ' AS BLOB) WHERE seq = 1",
    )

    assert [one.sentence for one in examine(tmp_path / "data")] == [
        "2 events wait in the journal whose bytes have changed."
    ]


def test_check_finds_a_damaged_journal_and_its_repair_carries_over_what_is_intact(tmp_path: Path):
    asyncio.run(three_events(tmp_path))
    (tmp_path / "data" / "journal.db").write_bytes(b"SQLite format 3\0" + b"x" * 8192)
    (found,) = examine(tmp_path / "data")
    repair(settings_in(tmp_path / "data"))

    assert found.repaired_by == BY_START
    assert examine(tmp_path / "data") == []


def test_law_7_check_names_the_events_that_were_set_aside_and_repairs_none(tmp_path: Path):
    async def two_of_three_changed() -> None:
        async with open_world(tmp_path) as world:
            journal = world.services.journal
            await journal.append([an_entry(), an_entry()], NOON)
            await asked(journal, "UPDATE waiting SET body = CAST(body || ' ' AS BLOB)")
            await journal.append([an_entry()], NOON)
            await world.rows()

    asyncio.run(two_of_three_changed())
    in_warehouse(tmp_path / "data", "DELETE FROM events")  # no consent is behind these
    found = examine(tmp_path / "data")
    repair(settings_in(tmp_path / "data"))

    said = "2 events were set aside because their bytes had changed; the next erasure deletes them."
    assert [(one.sentence, one.repaired_by) for one in found] == [(said, "")]
    assert examine(tmp_path / "data") == found


def test_check_names_a_missing_file(tmp_path: Path):
    asyncio.run(three_events(tmp_path))
    (tmp_path / "data" / "warehouse.duckdb").unlink()

    assert [one.sentence for one in examine(tmp_path / "data")] == [
        "The file warehouse.duckdb is missing."
    ]
