"""Damaged files at a start: a journal is set aside and logged, a ledger stops the start."""

import asyncio
import random
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from askfirst.errors import Misconfigured
from askfirst.settings import Settings
from collector.journal.journal import Journal
from collector.journal.tables import FORM
from server import jobs
from server.services import open_services
from server.startup.data_folder import CARRY_OVER
from server.startup.journal_recovery import SET_ASIDE
from tests.factories import MAXMIND, a_view, an_entry, asked
from tests.world import open_world


def flip(path: Path, first: int, last: int, bytes_to_flip: int = 400) -> None:
    """Flip bytes of a file between two places."""
    content = bytearray(path.read_bytes())
    dice = random.Random(7)
    for _ in range(bytes_to_flip):
        content[dice.randrange(first, min(last, len(content)))] ^= 0xFF
    path.write_bytes(content)


async def fill_journal(
    folder: Path, events: int = 500, groups: int = 1, *, shipped: bool = False
) -> list[str]:
    """Leave events in the journal that are not shipped, as a crash does; return their ids.

    Or leave events that are shipped and not removed yet, as a crash a moment later does.
    """
    services = open_services(Settings(data_folder=folder / "data", places_file=MAXMIND))
    entries = [an_entry() for _ in range(events)]
    async with services as opened:
        for n in range(groups):
            await opened.journal.append(entries[n::groups], 0)
        with closing(sqlite3.connect(journal(folder))) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        await asyncio.to_thread((folder / "copy").write_bytes, journal(folder).read_bytes())
    (folder / "copy").chmod(0o600)
    (folder / "copy").replace(journal(folder))
    if not shipped:
        (folder / "data" / "warehouse.duckdb").unlink()  # closing has shipped them
    return [entry.event_id for entry in entries]


def journal(folder: Path) -> Path:
    return folder / "data" / "journal.db"


async def test_a_damaged_journal_is_set_aside_and_logged_and_collecting_goes_on(tmp_path: Path):
    await fill_journal(tmp_path)
    flip(journal(tmp_path), 0, 60)
    damaged = journal(tmp_path).read_bytes()
    with structlog.testing.capture_logs() as logs:
        async with open_world(tmp_path) as world:
            browser = world.browser()
            await browser.accept()
            answer = await browser.send()
            rows = await world.rows()
    (aside,) = (tmp_path / "data").glob(f"*{SET_ASIDE}*Z")

    assert answer.status_code == 202
    assert len(rows) == 1
    assert aside.read_bytes() == damaged
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert logs == [
        {"event": "journal_damaged", "set_aside_as": aside.name, "log_level": "error"},
        {"event": "journal_taken_over", "events": 0, "log_level": "warning"},
    ]


@pytest.mark.parametrize("place", [0.3, 0.8])
async def test_law_7_what_is_intact_of_a_damaged_journal_is_stored_once(
    tmp_path: Path, place: float
):
    ids = await fill_journal(tmp_path, events=4000, groups=400)
    size = journal(tmp_path).stat().st_size
    flip(journal(tmp_path), int(size * place), int(size * place) + 8192)
    with structlog.testing.capture_logs() as logs:
        async with open_world(tmp_path) as world:
            first = [row["event_id"] for row in await world.rows()]
    async with open_world(tmp_path) as world:
        again = [row["event_id"] for row in await world.rows()]

    assert [line["event"] for line in logs] == ["journal_damaged", "journal_taken_over"]
    assert len(ids) * 0.9 < len(first) < len(ids)
    assert set(first) <= set(ids)
    assert sorted(again) == sorted(set(first))


async def test_law_7_taking_over_that_was_cut_short_is_ended_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ids = await fill_journal(tmp_path, events=4000, groups=400)
    flip(journal(tmp_path), 200_000, 208_192)
    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", cut_short)
        before = set(threading.enumerate())
        with pytest.raises(Misconfigured, match="could not be taken over"):
            async with open_world(tmp_path):
                pass
        left = [one for one in threading.enumerate() if "_connection_worker" in one.name]
    async with open_world(tmp_path) as world:
        rows = await world.rows()

    assert set(left) <= before
    assert len(ids) * 0.9 < len({row["event_id"] for row in rows}) == len(rows) < len(ids)
    assert not (tmp_path / "data" / CARRY_OVER).exists()


async def test_law_7_two_journals_that_were_set_aside_are_both_carried_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    ids = await fill_journal(tmp_path, events=400, groups=100)
    first = journal(tmp_path).read_bytes()
    (tmp_path / "data" / "journal.db").unlink()
    ids += await fill_journal(tmp_path, events=400, groups=100)
    second = journal(tmp_path).read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(Journal, "append", cut_short)
        for content in (first, second):
            journal(tmp_path).write_bytes(content)
            flip(journal(tmp_path), 40_000, 44_096)
            with pytest.raises(Misconfigured, match="could not be taken over"):
                async with open_world(tmp_path):
                    pass
    async with open_world(tmp_path) as world:
        rows = await world.rows()

    assert len(list((tmp_path / "data").glob(f"*{SET_ASIDE}*Z"))) == 2
    assert len(ids) * 0.8 < len({row["event_id"] for row in rows}) == len(rows) < len(ids)


@pytest.mark.parametrize(
    ("was", "is_now"),
    [(b"body BLOB NOT NULL", b"bodx BLOB NOT NULL"), (b"journal", b"journ\xe1l")],
)
async def test_law_7_a_journal_with_another_column_or_mark_is_set_aside(
    tmp_path: Path, was: bytes, is_now: bytes
):
    await fill_journal(tmp_path)
    content = journal(tmp_path).read_bytes()
    journal(tmp_path).write_bytes(content.replace(was, is_now))
    with structlog.testing.capture_logs() as logs:
        async with open_world(tmp_path) as world:
            browser = world.browser()
            await browser.accept()
            answer = await browser.send()

    assert answer.status_code == 202
    assert [line["event"] for line in logs] == ["journal_damaged", "journal_taken_over"]


async def cut_short(*_: object) -> None:
    raise OSError("ended")


async def test_law_7_what_a_damaged_journal_had_shipped_is_not_stored_again(tmp_path: Path):
    ids = await fill_journal(tmp_path, groups=100, shipped=True)
    flip(journal(tmp_path), 20_000, 30_000)
    with structlog.testing.capture_logs() as logs:
        async with open_world(tmp_path) as world:
            rows = await world.rows()

    assert [line.get("events") for line in logs] == [None, 0]
    assert sorted(row["event_id"] for row in rows) == sorted(ids)


async def test_law_7_an_event_resent_after_a_damaged_journal_is_not_doubled(tmp_path: Path):
    async with open_world(tmp_path) as world:
        browser = world.browser()
        await browser.accept()
        view = a_view()
        await browser.send(view)
        await world.rows()
        token = browser.token
    flip(journal(tmp_path), 0, 60)
    async with open_world(tmp_path) as world:
        browser = world.browser()
        browser.token = token
        answers = [(await browser.send(view, a_view())).status_code for _ in range(2)]
        rows = await world.rows()

    assert answers == [202, 202]
    assert [row["event_id"] for row in rows].count(view["id"]) == 1
    assert len(rows) == 3


async def test_law_6_an_erasure_removes_a_journal_that_was_set_aside(tmp_path: Path):
    await fill_journal(tmp_path)
    flip(journal(tmp_path), 0, 60)
    async with open_world(tmp_path) as world:
        browser = world.browser()
        await browser.accept()
        await browser.send()
        await browser.erase()
        await jobs.rewrite(world.services)

    assert list((tmp_path / "data").glob(f"*{SET_ASIDE}*")) == []


async def test_law_7_a_journal_that_lost_its_end_gives_no_number_twice(tmp_path: Path):
    async with open_world(tmp_path) as world:
        older = journal(tmp_path).read_bytes()
        log = journal(tmp_path).with_name("journal.db-wal").read_bytes()
        browser = world.browser()
        await browser.accept()
        await browser.send(*(a_view() for _ in range(20)))
        await world.rows()
        token = browser.token
    for path, content in (
        (journal(tmp_path), older),
        (journal(tmp_path).with_name("journal.db-wal"), log),
    ):
        path.touch(0o600)
        path.write_bytes(content)
    with structlog.testing.capture_logs() as logs:
        async with open_world(tmp_path) as world:
            browser = world.browser()
            browser.token = token
            answer = await browser.send()
            rows = await world.rows()

    assert answer.status_code == 202
    assert len(rows) == 21
    assert [line["event"] for line in logs] == ["journal_lost_its_end"]


async def test_law_7_a_torn_log_loses_only_what_was_not_acknowledged(tmp_path: Path):
    data = tmp_path / "data"
    async with open_world(tmp_path) as world:
        browser = world.browser()
        await browser.accept()
        await browser.send(a_view())
        main, log = journal(tmp_path).read_bytes(), data / "journal.db-wal"
        whole = log.read_bytes()
        await browser.send(a_view())  # this one's frames are cut off in the middle
        torn = log.read_bytes()[: len(whole) + (log.stat().st_size - len(whole)) // 2]
    (tmp_path / "torn").mkdir()
    journal_path = tmp_path / "torn" / "journal.db"
    journal_path.write_bytes(main)
    journal_path.with_name("journal.db-wal").write_bytes(torn)

    assert len(torn) > len(whole)
    with closing(sqlite3.connect(journal_path)) as connection:
        assert connection.execute("SELECT count(*) FROM waiting").fetchone() == (1,)
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)


@pytest.mark.parametrize("number", [0, FORM + 1])
async def test_law_7_a_journal_of_another_form_stops_the_start_and_is_left_alone(
    tmp_path: Path, number: int
):
    await fill_journal(tmp_path)
    with closing(sqlite3.connect(journal(tmp_path))) as connection:
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other = journal(tmp_path).read_bytes()
    with pytest.raises(Misconfigured, match="of another version of Askfirst"):
        async with open_world(tmp_path):
            pass

    assert journal(tmp_path).read_bytes() == other
    assert list((tmp_path / "data").glob(f"*{SET_ASIDE}*")) == []


@pytest.mark.parametrize("left", [b"", None])
async def test_a_journal_without_tables_is_a_new_one(tmp_path: Path, left: bytes | None):
    (tmp_path / "data").mkdir()
    if left is None:  # a start that was interrupted after the version number
        with closing(sqlite3.connect(journal(tmp_path))) as connection:
            connection.execute(f"PRAGMA user_version = {FORM}")
    else:
        journal(tmp_path).write_bytes(left)
    async with open_world(tmp_path) as world:
        browser = world.browser()
        await browser.accept()
        answer = await browser.send()
        (number,) = await asked(world.services.journal, "PRAGMA user_version")

    assert (answer.status_code, number) == (202, (FORM,))


async def test_a_damaged_ledger_stops_the_start_with_a_sentence_and_is_left_alone(tmp_path: Path):
    async with open_world(tmp_path):
        pass
    ledger = tmp_path / "data" / "ledger.db"
    flip(ledger, 0, 60)
    damaged = ledger.read_bytes()
    with pytest.raises(Misconfigured, match="ledger"):
        async with open_world(tmp_path):
            pass

    assert ledger.read_bytes() == damaged
