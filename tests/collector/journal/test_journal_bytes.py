"""The journal's bytes: damaged ones are detected and logged, and erased ones are gone."""

import sqlite3
from pathlib import Path

import pytest
import structlog

from askfirst.errors import Unavailable
from collector.journal.journal import Journal
from tests.factories import NOON, an_entry, asked
from tests.world import journal_bytes


async def test_law_7_a_group_whose_ids_changed_is_set_aside_too(journal: Journal):
    kept = an_entry()
    await journal.append([an_entry(), an_entry()], NOON)
    await journal.append([kept], NOON)
    await asked(journal, "UPDATE waiting SET ids = replace(ids, ',', ';') WHERE seq = 1")
    with structlog.testing.capture_logs() as logs:
        batch = await journal.waiting(0, 10)

    assert batch is not None
    assert await journal.fresh(batch.entries()) == [kept]
    assert [(line["event"], line["events"]) for line in logs] == [("journal_group_damaged", 2)]


BITS = "CAST(CAST(substr(ids, 1, 5) AS BLOB) || x'FF' || CAST(substr(ids, 6) AS BLOB) AS TEXT)"


@pytest.mark.parametrize("ids", ["replace(ids, ']', '}')", BITS])
async def test_law_7_changed_bytes_among_the_shipped_ids_hold_nothing_up(
    journal: Journal, ids: str
):
    first, second = an_entry(), an_entry()
    await journal.append([first], NOON)
    await journal.append([second], NOON)
    await journal.trim(2)
    await asked(journal, f"UPDATE shipped SET ids = {ids} WHERE seq = 1")
    await journal.append([second, an_entry()], NOON)
    batch = await journal.waiting(2, 10)
    with structlog.testing.capture_logs() as logs:
        fresh = await journal.fresh(batch.entries()) if batch else []
    await journal.trim(3)

    assert len(fresh) == 1
    assert second not in fresh
    assert [line["event"] for line in logs] == ["journal_ids_damaged"]


@pytest.mark.parametrize("number", ["'text'", "x'00'", "0", "-9e18", "9223372036854775807"])
async def test_law_7_a_changed_number_of_events_holds_nothing_up_and_makes_no_batch_larger(
    journal: Journal, number: str
):
    entries = [an_entry() for _ in range(12)]
    for entry in entries:
        await journal.append([entry], NOON)
    await asked(journal, f"UPDATE waiting SET events = {number} WHERE seq = 2")
    after, batches = 0, []
    while batch := await journal.waiting(after, 5):
        assert 0 < len(batch.bodies) <= 5
        batches.append(batch)
        after = batch.last
    await journal.trim(after)

    assert [entry for batch in batches for entry in batch.entries()] == entries
    assert await journal.waiting(0, 5) is None


@pytest.mark.parametrize(
    "change",
    [f"ids = {BITS}", "ids = x'00'", "body = 7", "body = 'text'", "sum = 'text'"],
)
async def test_law_7_whatever_a_group_has_become_it_is_set_aside(journal: Journal, change: str):
    kept = an_entry()
    await journal.append([an_entry(visitor_id="f" * 32)], NOON)
    await journal.append([kept], NOON)
    await asked(journal, f"UPDATE waiting SET {change} WHERE seq = 1")
    before = await journal.entries_of("f" * 32)
    with structlog.testing.capture_logs() as logs:
        batch = await journal.waiting(0, 10)
        fresh = await journal.fresh(batch.entries()) if batch else []
        await journal.trim(2)

    assert fresh == [kept]
    assert [line["event"] for line in logs] == ["journal_group_damaged"]
    assert before == []


async def test_law_6_an_erasure_takes_a_group_along_that_cannot_be_read(
    journal: Journal, tmp_path: Path
):
    await journal.append([an_entry(visitor_id="f" * 32)], NOON)
    await journal.append([an_entry(visitor_id="e" * 32)], NOON)
    await asked(journal, "UPDATE waiting SET body = CAST(body || ']' AS BLOB) WHERE seq = 1")
    erased = await journal.erase("f" * 32)

    assert erased == 0
    assert b"f" * 32 not in journal_bytes(tmp_path)
    assert b"e" * 32 in journal_bytes(tmp_path)


@pytest.mark.parametrize("change", ["body = 7", "body = 'text'", "ids = x'00'"])
async def test_law_6_an_erasure_goes_on_past_a_group_whose_values_became_another_type(
    journal: Journal, tmp_path: Path, change: str
):
    await journal.append([an_entry()], NOON)
    await journal.append([an_entry(visitor_id="f" * 32)], NOON)
    await asked(journal, f"UPDATE waiting SET {change} WHERE seq = 1")
    erased = await journal.erase("f" * 32)

    assert erased == 1
    assert b"f" * 32 not in journal_bytes(tmp_path)


async def test_law_6_an_erasure_is_not_called_done_while_a_reader_keeps_the_log(
    journal: Journal, tmp_path: Path
):
    await asked(journal, "PRAGMA busy_timeout=0")
    await journal.append([an_entry(visitor_id="f" * 32)], NOON)
    with sqlite3.connect(tmp_path / "journal.db", isolation_level=None) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM waiting").fetchall()
        with pytest.raises(Unavailable):
            await journal.erase("f" * 32)
        reader.execute("ROLLBACK")
    reader.close()

    assert await journal.erase("f" * 32) == 0
    assert b"f" * 32 not in journal_bytes(tmp_path)
