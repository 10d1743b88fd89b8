"""Law 6 for a part: one visit or a span goes from every store, and nothing else goes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from askfirst.clock import DAY_MS
from askfirst.errors import Malformed
from askfirst.store.ledger.erasure_receipts import REMOVED
from askfirst.store.ledger.tables import consent_records, erasures
from consent.rights.erasure import ErasureReceipt
from consent.rights.parts import OneVisit, Part, TimeSpan
from consent.rights.removed import Removed
from server.backups.backup import copy_stores
from server.backups.later_decisions import read_decisions
from server.backups.restore import restore
from server.checks.check import examine
from server.maintenance.rewriting import rewrite
from tests.factories import a_view, settings_in
from tests.server.test_erasure_laws import Crash, ending
from tests.world import Browser, World, is_in_bytes, open_world

HERE = "https://example.org"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with open_world(tmp_path) as opened:
        yield opened


def visitor_of(world: World, browser: Browser) -> str:
    claims = world.services.tokens.read(browser.token)
    assert claims is not None
    return claims.visitor_id


async def see(browser: Browser, *paths: str) -> None:
    for path in paths:
        answer = await browser.send(a_view(url=HERE + path))
        assert answer.status_code == 202, answer.text


async def visit(world: World, browser: Browser, *paths: str) -> str:
    """Have a visit of its own, hours after what was before; return its id."""
    world.clock.move(minutes=300)
    await see(browser, *paths)
    mine = [row for row in await world.rows() if row["path"] == paths[-1]]
    return str(mine[-1]["visit_id"])


async def someone(world: World) -> Browser:
    browser = world.browser()
    await browser.accept()
    return browser


async def erased(world: World, browser: Browser, part: Part) -> ErasureReceipt:
    return await world.services.eraser.erase_part(world.site.id, visitor_of(world, browser), part)


async def paths(world: World) -> list[str]:
    return sorted(str(row["path"]) for row in await world.rows())


async def rows_of(world: World, table: Any) -> list[dict[str, Any]]:
    async with world.services.ledger.read() as connection:
        return [dict(row) for row in (await connection.execute(select(table))).mappings()]


def files_with(world: World, word: str) -> list[str]:
    """Return the files of the data folder that hold a word."""
    files = [one for one in world.services.settings.data_folder.rglob("*") if one.is_file()]
    return sorted(one.name for one in files if is_in_bytes(word, one.read_bytes()))


async def test_law_6_of_one_visit_every_event_goes_and_all_else_stays(world: World) -> None:
    mine, other = await someone(world), await someone(world)
    await visit(world, mine, "/first")
    second = await visit(world, mine, "/secret", "/secret-too")
    await visit(world, other, "/other")
    receipt = await erased(world, mine, OneVisit(second))
    assert await paths(world) == ["/first", "/other"]
    assert receipt.places == {"journal.waiting": 0, "warehouse.events": 2}
    day = "2026-01-01"
    assert receipt.removed == Removed(1, {"page_view": 2}, day, day)
    assert (receipt.rows, receipt.identifiers, receipt.part) == (2, 1, OneVisit(second))
    await see(mine, "/still-allowed")
    assert "/still-allowed" in await paths(world)
    assert [row["state"] for row in await rows_of(world, consent_records)] == ["given"] * 2


async def test_law_6_after_a_part_was_erased_the_ledger_names_neither_visitor_nor_visit(
    world: World,
) -> None:
    mine = await someone(world)
    gone = await visit(world, mine, "/secret")
    receipt = await erased(world, mine, OneVisit(gone))
    [row] = await rows_of(world, erasures)
    assert row["receipt_id"] == receipt.receipt_id
    assert (row["visitor_id"], row["part_of"], row["visit_id"]) == (None, None, None)
    assert (row["part"], row["asked_by"], row["completed_at"]) == (
        "visit",
        "subject",
        world.clock(),
    )
    assert Removed.read(row["counts"][REMOVED]) == receipt.removed
    assert visitor_of(world, mine) not in str(row)
    assert gone not in str(row)


async def test_law_6_no_file_holds_a_path_that_only_the_erased_visit_had(world: World) -> None:
    mine, other = await someone(world), await someone(world)
    gone = await visit(world, mine, "/only-of-this-visit", "/seen-by-both")
    await visit(world, other, "/seen-by-both")
    await see(mine, "/waits-in-the-journal")
    assert files_with(world, "only-of-this-visit") != []
    await erased(world, mine, OneVisit(gone))
    await rewrite(world.services)
    [row] = await rows_of(world, erasures)
    assert row["bytes_gone_at"] == world.clock()
    assert files_with(world, "only-of-this-visit") == []
    assert files_with(world, "seen-by-both") != []


async def test_law_6_what_of_the_visit_waits_in_the_journal_goes_too(world: World) -> None:
    mine = await someone(world)
    gone = await visit(world, mine, "/shipped")
    await see(mine, "/waiting-one", "/waiting-two")
    receipt = await erased(world, mine, OneVisit(gone))
    assert receipt.removed.events == {"page_view": 3}
    await rewrite(world.services)
    assert await paths(world) == []
    assert files_with(world, "waiting-one") == []


async def test_law_6_of_a_span_goes_what_happened_in_it_and_not_at_its_end(world: World) -> None:
    mine, other = await someone(world), await someone(world)
    await visit(world, mine, "/before")
    await visit(world, other, "/of-another")
    first = world.clock()
    await see(mine, "/within")
    world.clock.move(minutes=1)
    until = world.clock()
    await see(mine, "/at-the-end")
    receipt = await erased(world, mine, TimeSpan(first, until))
    assert await paths(world) == ["/at-the-end", "/before", "/of-another"]
    assert (receipt.rows, receipt.removed.visits) == (1, 1)
    [row] = await rows_of(world, erasures)
    assert (row["part"], row["span_first"], row["span_until"]) == ("span", first, until)


async def test_law_6_a_part_reaches_every_id_of_the_browser(world: World) -> None:
    mine = await someone(world)
    gone = await visit(world, mine, "/earlier-life")
    earlier = mine.token
    await mine.withdraw()
    await mine.accept(token=earlier)
    await visit(world, mine, "/later-life")
    receipt = await erased(world, mine, OneVisit(gone))
    assert (receipt.rows, receipt.identifiers) == (1, 2)
    assert await paths(world) == ["/later-life"]
    receipt = await erased(world, mine, TimeSpan(0, world.clock() + 1))
    assert await paths(world) == []
    assert receipt.removed.events == {"page_view": 1}


@pytest.mark.parametrize("known", [True, False], ids=["somebody else's", "unknown"])
async def test_law_6_a_visit_that_is_not_mine_is_left_and_nobody_learns_whether_it_exists(
    world: World, known: bool
) -> None:
    mine, other = await someone(world), await someone(world)
    await visit(world, mine, "/mine")
    theirs = await visit(world, other, "/theirs")
    asked = theirs if known else "A" * len(theirs)
    receipt = await erased(world, mine, OneVisit(asked))
    assert (receipt.rows, receipt.identifiers, receipt.removed) == (0, 0, Removed())
    assert (receipt.places, receipt.requested_at) == ({}, None)
    assert await rows_of(world, erasures) == []
    assert await paths(world) == ["/mine", "/theirs"]


async def test_a_part_that_is_asked_for_again_has_the_same_number_and_no_rows(
    world: World,
) -> None:
    mine = await someone(world)
    gone = await visit(world, mine, "/a")
    first = await erased(world, mine, OneVisit(gone))
    world.clock.move(minutes=1)
    again = await erased(world, mine, OneVisit(gone))
    assert (again.receipt_id, again.rows) == (first.receipt_id, 0)
    assert again.completed_at == first.completed_at
    assert len(await rows_of(world, erasures)) == 1


async def test_an_event_that_comes_late_is_recorded_in_a_visit_of_its_own(world: World) -> None:
    """The consent is in force: what was erased is what was there when it was asked for."""
    mine = await someone(world)
    gone = await visit(world, mine, "/a")
    await erased(world, mine, OneVisit(gone))
    await see(mine, "/late")
    [late] = await world.rows()
    assert late["path"] == "/late"
    assert late["visit_id"] != gone


@pytest.mark.parametrize("span", [(5, 5), (6, 5), (-1, 5), (0, 10**14)])
def test_a_span_that_holds_no_moment_or_no_calendars_time_is_refused(span: tuple[int, int]) -> None:
    with pytest.raises(Malformed):
        TimeSpan(*span)


STEPS = range(7)


@pytest.mark.parametrize("at", STEPS)
async def test_law_6_a_crash_at_any_step_only_delays_a_part(world: World, at: int) -> None:
    mine, other = await someone(world), await someone(world)
    gone = await visit(world, mine, "/gone")
    await visit(world, mine, "/mine")
    await visit(world, other, "/other")
    crashed = True
    with ending(world, at):
        try:
            await erased(world, mine, OneVisit(gone))
            crashed = False
        except Crash:
            pass
    assert crashed == (at < STEPS[-1]), "there are as many steps as are tried"
    asked = await rows_of(world, erasures)
    assert await world.services.eraser.resume() == sum(not row["completed_at"] for row in asked)
    assert await paths(world) == (["/mine", "/other"] if asked else ["/gone", "/mine", "/other"])
    for row in await rows_of(world, erasures):
        assert (row["completed_at"], row["part_of"], row["visit_id"]) == (world.clock(), None, None)
        assert row["counts"]["warehouse.events"] == 1
        assert row["counts"][REMOVED]["events"] == {"page_view": 1}


async def test_law_6_whoever_is_erased_while_a_part_is_under_way_is_named_nowhere(
    world: World,
) -> None:
    mine = await someone(world)
    gone = await visit(world, mine, "/gone")
    await visit(world, mine, "/rest")
    with ending(world, 2), pytest.raises(Crash):
        await erased(world, mine, OneVisit(gone))
    assert (await mine.erase()).status_code == 200
    rows = await rows_of(world, erasures)
    assert [row["part"] for row in rows] == ["visit", None]
    assert visitor_of(world, mine) not in str(rows)
    assert [row["counts"]["warehouse.events"] for row in rows] == [1, 1]


async def test_law_6_reports_that_are_asked_for_meanwhile_have_a_visit_whole_or_not_at_all(
    world: World,
) -> None:
    mine, other = await someone(world), await someone(world)
    gone = await visit(world, mine, "/a", "/b", "/c")
    await visit(world, other, "/d")
    erasing = asyncio.create_task(erased(world, mine, OneVisit(gone)))
    seen = set()
    while not erasing.done():
        events, visitors = await asyncio.to_thread(
            world.services.warehouse.counts_of, world.site.id
        )
        seen.add((events, visitors))
    assert seen <= {(4, 2), (1, 1)}
    assert (await erasing).rows == 3


async def test_law_6_parts_erased_after_a_backup_are_erased_from_what_is_restored(
    world: World, tmp_path: Path
) -> None:
    mine, other = await someone(world), await someone(world)
    gone = await visit(world, mine, "/gone")
    await visit(world, mine, "/kept")
    world.clock.move(minutes=300)
    since = world.clock()
    await see(mine, "/within")
    await visit(world, other, "/before-it")
    theirs = TimeSpan(world.clock(), world.clock() + DAY_MS)
    await see(other, "/gone-before-it")
    assert (await erased(world, other, theirs)).rows == 2
    await see(other, "/late")
    backup, data = tmp_path / "backup", world.services.settings.data_folder
    backup.mkdir()
    await copy_stores(world.services, backup)
    world.clock.move(minutes=1)
    await erased(world, mine, OneVisit(gone))
    await erased(world, mine, TimeSpan(since, since + 1))
    known = await asyncio.to_thread(read_decisions, data / "ledger.db")
    (tmp_path / "list").write_text(known.text())
    decisions = await asyncio.to_thread(read_decisions, tmp_path / "list")
    assert decisions == known
    restoring = settings_in(tmp_path / "new")
    done = await asyncio.to_thread(restore, backup, restoring, decisions, world.clock)
    assert done.erased == 2
    files = [one for one in (tmp_path / "new").iterdir() if one.is_file()]
    for word, held in {"/gone": False, "/within": False, "/kept": True, "/late": True}.items():
        assert any(is_in_bytes(word, one.read_bytes()) for one in files) == held, word


async def test_a_check_names_a_part_that_is_not_carried_out_and_one_that_still_tells_its_visit(
    world: World, tmp_path: Path
) -> None:
    mine = await someone(world)
    gone = await visit(world, mine, "/gone")
    with ending(world, 2), pytest.raises(Crash):
        await erased(world, mine, OneVisit(gone))
    assert await checked(world, tmp_path / "1") == {
        "1 erasures were asked for and not carried out."
    }
    await world.services.eraser.resume()
    await rewrite(world.services)
    assert await checked(world, tmp_path / "2") == set()
    async with world.services.ledger.write() as connection:
        await connection.execute(update(erasures).values(visit_id=gone))
    assert await checked(world, tmp_path / "3") == {
        "1 erasures were carried out and still name their visitor or visit."
    }


async def checked(world: World, copy: Path) -> set[str]:
    """Return what a check says of a copy of the data folder."""
    await asyncio.to_thread(copy.mkdir)
    await copy_stores(world.services, copy)
    return {one.sentence for one in await asyncio.to_thread(examine, copy)}
