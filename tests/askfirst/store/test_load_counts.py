"""Page loads by language: integers by day, and a language that few speak has no name."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from askfirst.store.ledger.choice_counts import ChoiceCounts
from askfirst.store.ledger.database import Ledger, sqlite_url
from askfirst.store.ledger.load_counts import TAG, LoadCount, LoadCounts, spoken
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tables import load_counts
from tests.factories import StoppedClock

EVER = ("2000-01-01", "2999-12-31")


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    ledger = await Ledger.open(sqlite_url(tmp_path / "ledger.db"))
    await SiteBook(ledger, StoppedClock()).add("Example", ["example.org"], "UTC", {"texts": {}})
    yield ledger
    await ledger.close()


async def test_law_4_a_language_that_few_speak_on_a_day_has_no_name_also_after_a_restart(
    ledger: Ledger,
) -> None:
    clock = StoppedClock()
    loads = LoadCounts(ledger, clock, 3)
    for header in ("de-AT", "de;q=0.5", "de", "de", "is", "is"):
        loads.add(1, header)
    await loads.flush()
    again = LoadCounts(ledger, clock, 3)
    await again.start()
    again.add(1, "de-CH")
    again.add(1, "is")
    clock.move(days=1)
    again.add(1, "de")

    assert sorted(await again.read(1, *EVER)) == [
        LoadCount("2026-01-01", TAG, "", 5),
        LoadCount("2026-01-01", TAG, "de", 3),
        LoadCount("2026-01-02", TAG, "", 1),
    ]
    async with ledger.read() as connection:
        rows = (await connection.execute(select(load_counts))).mappings().all()
    assert {name for row in rows for name in row} == {
        "site_id", "day", "source", "language", "count",
    }  # fmt: skip


async def test_loads_are_written_and_forgotten_with_the_counts_of_the_banner(
    ledger: Ledger,
) -> None:
    counts = ChoiceCounts(ledger, StoppedClock(), 1)
    counts.loads.add(1, "de")
    await counts.flush()
    async with ledger.read() as connection:
        assert len((await connection.execute(select(load_counts))).all()) == 1
    await counts.forget("2026-01-02")
    assert await counts.loads.read(1, *EVER) == []


@given(st.text(max_size=60))
def test_law_4_whatever_a_browser_sends_a_language_has_at_most_three_letters(header: str) -> None:
    code = spoken(header)
    assert code == "" or (code.isascii() and code.isalpha() and 2 <= len(code) <= 3)
