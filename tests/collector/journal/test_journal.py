"""The journal: each event is stored once, and nothing of a visitor remains after an erasure."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.journal.groups import decoded
from collector.journal.journal import Journal
from collector.journal.personal_data import JournalHolder
from tests.collector.journals import bytes_on_disk, entries_in
from tests.factories import NOON, an_entry, asked


async def test_a_resend_is_harmless_even_after_shipping(journal: Journal):
    entry = an_entry()
    await journal.append([entry], NOON)
    await journal.append([entry, entry], NOON)
    waiting = await entries_in(journal)
    await journal.trim(3)
    await journal.append([entry], NOON)

    assert waiting == [entry]
    assert await entries_in(journal) == []


async def test_shipped_rows_keep_neither_visitor_nor_body(journal: Journal, tmp_path: Path):
    await journal.append([an_entry(visitor_id="f" * 32)], NOON)
    await journal.trim(1)

    assert await journal._read("SELECT * FROM waiting") == []
    assert len(await journal._read("SELECT * FROM shipped")) == 1
    await journal.erase("a" * 32)
    assert b"f" * 32 not in bytes_on_disk(tmp_path)


async def test_event_ids_are_forgotten_when_a_resend_is_too_old(journal: Journal):
    await journal.append([an_entry()], NOON)
    await journal.append([an_entry()], NOON + 10)
    await journal.trim(2)
    await journal.forget(NOON + 5)

    assert await journal._read("SELECT arrived_at FROM shipped") == [(NOON + 10,)]


async def test_what_waits_is_never_forgotten(journal: Journal):
    await journal.append([an_entry()], NOON)
    await journal.forget(NOON * 2)

    assert len(await entries_in(journal)) == 1


async def test_sequence_numbers_are_never_used_again(tmp_path: Path):
    first = await Journal.open(tmp_path / "journal.db")
    await first.append([an_entry()], NOON)
    await first.trim(1)
    await first.forget(NOON + 1)
    await first.close()
    second = await Journal.open(tmp_path / "journal.db")
    await second.append([an_entry()], NOON)

    assert (await second.waiting(0, 10)).last == 2
    assert second.id == first.id
    await second.close()


async def test_a_number_is_not_used_again_although_its_row_was_erased(tmp_path: Path):
    first = await Journal.open(tmp_path / "journal.db")
    await first.append([an_entry(visitor_id="f" * 32)], NOON)
    await first.erase("f" * 32)
    await first.close()
    second = await Journal.open(tmp_path / "journal.db")
    await second.append([an_entry()], NOON)

    assert (await second.waiting(1, 10)).last == 2
    await second.close()


async def test_law_6_erasing_removes_the_bytes_from_every_file(journal: Journal, tmp_path: Path):
    other = an_entry(visitor_id="b" * 32)
    await journal.append([an_entry(visitor_id="f" * 32), other], NOON)
    place = JournalHolder(journal)

    assert len(await place.rows(1, "f" * 32)) == 1
    assert await place.rows(2, "f" * 32) == []
    assert await place.erase(1, "f" * 32) == 1
    assert await entries_in(journal) == [other]
    assert b"f" * 32 not in bytes_on_disk(tmp_path)


async def test_law_6_what_was_on_its_way_is_erased_too(journal: Journal):
    arriving = asyncio.create_task(journal.append([an_entry(visitor_id="f" * 32)], NOON))
    await asyncio.sleep(0)
    erased = await journal.erase("f" * 32)
    await arriving

    assert (erased, await entries_in(journal)) == (1, [])


async def test_law_7_a_group_whose_bytes_changed_is_set_aside_and_said_and_the_others_go_on(
    journal: Journal,
):
    entries = [an_entry(url="https://example.org/knots"), an_entry(), an_entry()]
    for entry in entries:
        await journal.append([entry], NOON)
    await asked(
        journal,
        "UPDATE waiting SET body = CAST(replace(body, 'knots', 'knits') AS BLOB) WHERE seq = 1",
    )
    with structlog.testing.capture_logs() as logs:
        waiting = await entries_in(journal)

    assert waiting == entries[1:]
    assert [(line["event"], line["events"]) for line in logs] == [("journal_group_damaged", 1)]
    assert await asked(journal, "SELECT seq, events FROM damaged") == [(1, 1)]


async def test_law_6_erasing_removes_what_was_set_aside_too(journal: Journal, tmp_path: Path):
    await journal.append([an_entry(visitor_id="f" * 32)], NOON)
    await asked(journal, "UPDATE waiting SET sum = sum + 1")
    await entries_in(journal)
    held = bytes_on_disk(tmp_path)
    await journal.erase("f" * 32)

    assert b"f" * 32 in held
    assert b"f" * 32 not in bytes_on_disk(tmp_path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(sizes=st.lists(st.integers(1, 5), max_size=12), most=st.integers(1, 9))
def test_each_batch_has_whole_groups_in_order_and_ends_with_the_one_that_makes_it_large(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], most: int
):
    async def story() -> None:
        journal = await Journal.open(tmp_path_factory.mktemp("j") / "journal.db")
        for size in sizes:
            await journal.append([an_entry() for _ in range(size)], NOON)
        after, batches = 0, []
        while batch := await journal.waiting(after, most):
            batches.append([len(decoded(body)) for body in batch.bodies])
            assert batch.events == sum(batches[-1])
            after = batch.last
        await journal.close()

        assert [size for batch in batches for size in batch] == sizes
        assert all(sum(batch[:-1]) < most for batch in batches)
        assert all(sum(batch) >= most for batch in batches[:-1])

    asyncio.run(story())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(sizes=st.lists(st.integers(1, 5), max_size=8), resent=st.sets(st.integers(0, 7)))
def test_whatever_is_sent_and_resent_is_there_once(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], resent: set[int]
):
    async def story() -> None:
        journal = await Journal.open(tmp_path_factory.mktemp("j") / "journal.db")
        requests = [[an_entry() for _ in range(size)] for size in sizes]
        again = [requests[n] for n in sorted(resent) if n < len(requests)]
        await asyncio.gather(*(journal.append(r, NOON) for r in [*requests, *again]))
        stored = [entry.event_id for entry in await entries_in(journal)]
        await journal.close()

        assert sorted(stored) == sorted(e.event_id for request in requests for e in request)

    asyncio.run(story())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    groups=st.lists(st.lists(st.integers(1, 12), min_size=1, max_size=4), max_size=6),
    at_once=st.sampled_from([1, 2000, 1 << 20]),
)
def test_law_6_a_site_is_erased_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[int]], at_once: int
):
    """Site numbers are parts of other numbers, and one may equal another site's policy version."""

    async def story() -> None:
        journal = await Journal.open(tmp_path_factory.mktemp("j") / "journal.db")
        versions = {site: site % 3 + 1 for site in range(1, 13)}
        for group in groups:
            entries = [an_entry(site_id=site, policy_version=versions[site]) for site in group]
            await journal.append(entries, NOON)
        erased = await journal.erase_site(1)
        left = [entry.site_id for entry in await entries_in(journal)]
        await journal.close()
        sent = [site for group in groups for site in group]

        assert erased == sent.count(1)
        assert sorted(left) == sorted(site for site in sent if site != 1)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("collector.journal.erasing._ERASED_AT_ONCE", at_once)
        asyncio.run(story())


async def test_only_groups_that_hold_something_of_a_site_are_written_anew(
    journal: Journal, tmp_path: Path
):
    for site in (1, 2, 1, 3):  # the second site's number is that of the others' policy
        await journal.append([an_entry(site_id=site, policy_version=2)], NOON)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as other, other:
        other.execute("CREATE TABLE noted (seq INTEGER)")
        other.execute(
            "CREATE TRIGGER noting AFTER UPDATE ON waiting"
            " BEGIN INSERT INTO noted VALUES (new.seq); END"
        )
    await journal.erase_site(2)
    with closing(sqlite3.connect(tmp_path / "journal.db")) as other:
        assert other.execute("SELECT seq FROM noted").fetchall() == [(2,)]


async def test_requests_are_stored_between_the_groups_that_an_erasure_looks_through(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
):
    """A journal that grew while the warehouse failed is gigabytes; nobody waits for all of it."""
    for _ in range(5):
        await journal.append([an_entry()], NOON)
    monkeypatch.setattr("collector.journal.erasing._ERASED_AT_ONCE", 1)
    said: list[str] = []
    await journal._group.run(lambda connection: connection.set_trace_callback(said.append))
    await journal.erase_site(9)
    await journal._group.run(lambda connection: connection.set_trace_callback(None))

    assert said.count("BEGIN IMMEDIATE") == 6  # what was set aside goes first


async def test_a_journal_distrusts_its_schema_whichever_connection_reads_it(journal: Journal):
    asked = "PRAGMA trusted_schema"
    written = await journal._group.run(lambda connection: connection.execute(asked).fetchone())

    assert (written, await journal._read(asked)) == ((0,), [(0,)])
