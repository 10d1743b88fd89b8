"""Group commit: durable before it is answered, and each put of a group learns the outcome."""

import asyncio
import threading
from pathlib import Path

import pytest
import structlog

from askfirst.errors import Unavailable
from collector.journal import group_commit
from collector.journal.group_commit import GroupCommit
from collector.journal.journal import Journal
from tests.collector.journals import entries_in, rows_on_disk
from tests.factories import NOON, an_entry, asked


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


async def test_law_7_a_put_of_several_requests_takes_the_room_of_each(tmp_path: Path):
    journal, told = await Journal.open(tmp_path / "journal.db", most_waiting=3), []
    journal.store(["a"], NOON, b"{}", told.append, 2)
    with pytest.raises(Unavailable):
        journal.store(["b", "c"], NOON, b"{}", told.append, 2)
    journal.store(["d"], NOON, b"{}", told.append, 1)
    await journal.close()

    assert told == [None, None]


async def test_a_group_ends_with_the_put_that_makes_it_large(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(group_commit, "_MOST_AT_ONCE", 4)
    stored: list[int] = []
    for requests in (1, 3, 2, 4):
        journal.store(["a"], NOON, b"{}", lambda _, n=requests: stored.append(n), requests)
    await journal.append([], NOON)
    groups = await asked(journal, "SELECT events FROM waiting ORDER BY seq")

    assert (stored, groups) == ([1, 3, 2, 4], [(2,), (2,)])


async def test_what_workers_put_in_one_turn_is_one_group_and_stored_in_the_next(journal: Journal):
    told: list[int] = []
    for requests in (2, 1, 5):
        journal.store(["a"], NOON, b"{}", lambda _, n=requests: told.append(n), requests)
    await asyncio.sleep(0)

    assert told == [2, 1, 5]
    assert await asked(journal, "SELECT events FROM waiting") == [(3,)]


async def test_law_7_a_disk_that_refuses_is_answered_unavailable(journal: Journal):
    await asked(journal, "PRAGMA query_only=ON")

    with pytest.raises(Unavailable):
        await journal.append([an_entry()], NOON)
    await asked(journal, "PRAGMA query_only=OFF")
    await journal.append([an_entry()], NOON)

    assert len(await entries_in(journal)) == 1


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


async def test_law_7_a_callback_that_fails_keeps_nobody_else_of_the_group_waiting(journal: Journal):
    def fail(_error: object) -> None:
        raise RuntimeError("zq")

    journal.put([an_entry()], NOON, fail)
    with structlog.testing.capture_logs() as logs:
        await journal.append([an_entry()], NOON)

    assert [(line["event"], line["where"], line["why"]) for line in logs] == [
        ("internal_error", "journal", "RuntimeError")
    ]
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
