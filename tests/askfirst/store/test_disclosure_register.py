"""The register of disclosures only grows, and visitors read what is not hidden from them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.disclosure_register import (
    Disclosed,
    enter,
    told_to,
    without_visitor,
)
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tables import disclosure_register
from server.site_deletion import GOES

ROOT = Path(__file__).parents[3]
DAY = "2026-01-01"
COURT = Disclosed(DAY, "A court", "court", "1 C 2/26", ("events",), DAY, DAY)
BY = ("owner@example.org", 5)


async def _entered(ledger: Ledger, clock, *entries: Disclosed, visitor: str = "v") -> int:
    """Enter what was revealed of a visitor and return the number of their site."""
    site = await SiteBook(ledger, clock).add("n", ["example.org"], "UTC", {})
    async with ledger.write() as connection:
        for one in entries:
            await enter(connection, site.id, visitor, one, BY)
    return site.id


async def test_a_visitor_reads_what_is_not_hidden_or_not_any_more_oldest_first(ledger, clock):
    hidden = replace(COURT, to_whom="Police", hidden_until=100)
    site_id = await _entered(ledger, clock, hidden, COURT)

    async def told(*visitors: str, now: int) -> list[str]:
        return [one.to_whom for one in await told_to(ledger, site_id, visitors, now)]

    assert await told("v", now=99) == ["A court"]
    assert await told("u", "v", now=100) == ["Police", "A court"]
    assert await told("w", now=100) == await told(now=100) == []
    assert await told_to(ledger, site_id + 1, ["v"], 100) == []


@pytest.mark.parametrize(
    ("first", "then", "read"),
    [(100, None, [1, 2]), (None, 100, []), (100, 200, []), (50, 60, [1, 2])],
    ids=["lifted early", "hidden afterwards", "extended", "over"],
)
async def test_the_newest_correction_says_until_when_all_of_it_is_hidden(
    ledger, clock, first, then, read
):
    wrong, right = replace(COURT, hidden_until=first), replace(COURT, hidden_until=then, corrects=1)
    site_id = await _entered(ledger, clock, wrong, right)

    assert [one.id for one in await told_to(ledger, site_id, ["v"], 60)] == read


def test_no_statement_changes_or_deletes_an_entry_but_the_one_that_takes_the_visitor_away() -> None:
    folders = ("askfirst", "collector", "consent", "reports", "server")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    changing = re.compile(
        r"(?:delete|update)\(\s*disclosure_register|(?:UPDATE|DELETE FROM) disclosure_register"
        r"|disclosure_register\.(?:delete|update)"
    )
    found = {str(path.relative_to(ROOT)): changing.findall(path.read_text()) for path in files}
    changed = str(without_visitor(disclosure_register.c.id == 1).compile())

    assert {path: hits for path, hits in found.items() if hits} == {
        "askfirst/store/ledger/disclosure_register.py": ["update(disclosure_register"]
    }
    assert disclosure_register not in GOES
    assert changed.startswith("UPDATE disclosure_register SET visitor_id=NULL WHERE")


async def test_a_correction_leaves_the_older_entry_as_it_was(ledger, clock):
    await _entered(ledger, clock, COURT)
    everything = select(disclosure_register).where(disclosure_register.c.id == 1)
    async with ledger.read() as connection:
        before = (await connection.execute(everything)).one()
    async with ledger.write() as connection:
        await enter(connection, 1, "v", replace(COURT, to_whom="Another", corrects=1), BY)
    async with ledger.read() as connection:
        assert (await connection.execute(everything)).one() == before


async def test_an_entry_is_corrected_once(ledger, clock):
    corrected = replace(COURT, corrects=1)
    await _entered(ledger, clock, COURT, corrected)
    with pytest.raises(IntegrityError):
        async with ledger.write() as connection:
            await enter(connection, 1, "v", corrected, BY)

    async with ledger.read() as connection:
        assert len((await connection.execute(select(disclosure_register))).all()) == 2
