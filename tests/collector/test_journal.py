"""The journal: durable before it is answered, once only, and empty of a visitor after erasure."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askfirst.errors import Unavailable
from askfirst.events import JournalEntry
from collector import group_commit
from collector.group_commit import GroupCommit
from collector.journal import Journal
from collector.journal_place import JournalPlace
from tests.factories import NOON, an_entry, asked


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(tmp_path / "journal.db")
    yield opened
    await opened.close()


def rows_on_disk(folder: Path) -> int:
    connection = sqlite3.connect(folder / "journal.db")
    try:
        return connection.execute("SELECT coalesce(sum(events), 0) FROM waiting").fetchone()[0]
    finally:
        connection.close()


async def entries_in(journal: Journal) -> list[JournalEntry]:
    batch = await journal.waiting(0, 1000)
    return await journal.fresh(batch.entries()) if batch else []


def bytes_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("journal.db*"))


async def test_law_7_an_event_is_on_disk_when_append_returns(journal: Journal, tmp_path: Path):
    await journal.append([an_entry()], NOON)

    assert await asyncio.to_thread(rows_on_disk, tmp_path) == 1


async def test_law_7_the_disk_is_waited_for(journal: Journal):
    modes = await asked(journal, "PRAGMA synchronous")
    names = await asked(journal, "PRAGMA journal_mode")

    assert [*modes, *names] == [(2,), ("wal",)]


async def test_requests_that_arrive_together_are_all_stored_in_order(journal: Journal):
    entries = [an_entry(url=f"https://example.org/{n}") for n in range(200)]

    await asyncio.gather(*(journal.append([entry], NOON) for entry in entries))

    assert await entries_in(journal) == entries


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
    place = JournalPlace(journal)

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


async def test_law_7_a_full_queue_is_answered_unavailable_and_stores_nothing(tmp_path: Path):
    journal = await Journal.open(tmp_path / "journal.db", most_waiting=1)
    first = asyncio.create_task(journal.append([an_entry()], NOON))
    await asyncio.sleep(0)

    with pytest.raises(Unavailable) as caught:
        await journal.append([an_entry()], NOON)
    await first

    assert caught.value.retry_after == 1
    assert len(await entries_in(journal)) == 1
    await journal.close()


async def test_law_7_a_disk_that_refuses_is_answered_unavailable(journal: Journal):
    await asked(journal, "PRAGMA query_only=ON")

    with pytest.raises(Unavailable):
        await journal.append([an_entry()], NOON)
    await asked(journal, "PRAGMA query_only=OFF")
    await journal.append([an_entry()], NOON)

    assert len(await entries_in(journal)) == 1


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


async def test_law_7_a_slow_disk_is_waited_for_beside_the_loop(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(group_commit, "_SLOW", -1.0)  # every disk is slow
    await journal.append([an_entry()], NOON)
    threads: set[str] = set()
    insert = GroupCommit._insert

    def watched(group: GroupCommit, puts: list[group_commit.Put]) -> None:
        threads.add(threading.current_thread().name)
        insert(group, puts)

    monkeypatch.setattr(GroupCommit, "_insert", watched)
    await asyncio.gather(*(journal.append([an_entry()], NOON) for _ in range(2500)))

    assert all(name.startswith("journal") for name in threads)
    assert len(threads) == 1
    assert await asyncio.to_thread(rows_on_disk, tmp_path) == 2501


async def test_law_7_who_fails_when_told_keeps_nobody_else_of_the_group_waiting(journal: Journal):
    def fail(_error: object) -> None:
        raise RuntimeError("zq")

    journal.put([an_entry()], NOON, fail)
    with structlog.testing.capture_logs() as logs:
        await journal.append([an_entry()], NOON)

    assert [(line["event"], line["why"]) for line in logs] == [("fault", "RuntimeError")]
    assert len(await entries_in(journal)) == 2


async def test_closing_stores_what_still_waits(tmp_path: Path):
    journal = await Journal.open(tmp_path / "journal.db")
    waiting = [asyncio.create_task(journal.append([an_entry()], NOON)) for _ in range(5)]
    await asyncio.sleep(0)
    await journal.close()
    await asyncio.gather(*waiting)

    assert await asyncio.to_thread(rows_on_disk, tmp_path) == 5
    with pytest.raises(Unavailable):
        await journal.append([an_entry()], NOON)


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
