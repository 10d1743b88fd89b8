"""A restored backup gets what was corrected and erased in the order in which it was."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Table, delete

from askfirst.rules.corrections import HIDDEN
from askfirst.store.ledger.tables import corrections, erasures
from askfirst.store.warehouse.warehouse import Warehouse
from consent.rights.corrected_events import Asked
from consent.rights.parts import OneVisit, TimeSpan
from server.backups.backup import copy_stores
from server.backups.later_decisions import carry_out, read_decisions
from server.backups.restore import restore
from server.jobs import forget_corrected
from server.maintenance.rewriting import rewrite
from tests.consent.my_data.own_page import press
from tests.consent.my_data.persons import visited, visitor_of
from tests.factories import a_view, settings_in
from tests.world import World, open_world, stored_rows


async def _forget_decisions(world: World, *tables: Table) -> None:
    """Take the ledger back to the time of the backup, which had no row of these tables."""
    async with world.services.ledger.write() as connection:
        for table in tables:
            await connection.execute(delete(table))


async def _copied(world: World, copy: Path) -> None:
    async with world.services.shipper.quiet():
        await asyncio.to_thread(world.services.warehouse.copy_to, copy)


async def test_law_6_neither_an_erased_span_nor_a_hidden_page_comes_back_with_a_restore(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        mine, _ = await visited(world, "/hidden", "/one")
        world.clock.move(minutes=120)
        await mine.send(a_view(url="https://example.org/hidden"))
        await mine.send(a_view(url="https://example.org/mine"))
        world.clock.move(minutes=120)
        await mine.send(a_view(url="https://example.org/erased"))
        world.clock.move(minutes=5)
        await mine.send(a_view(url="https://example.org/not-me"))
        rows = await world.rows()
        folder, whose = tmp_path / "data", (world.site.id, visitor_of(world, mine))
        services, copy = world.services, tmp_path / "copy.duckdb"
        async with services.shipper.quiet():
            await asyncio.to_thread(services.warehouse.copy_to, copy)
        ids = {row["path"]: row for row in rows}
        page = Asked("page", event_id=rows[0]["event_id"])
        await services.corrections.correct(*whose, page, world.clock)
        await services.eraser.erase_part(*whose, OneVisit(rows[0]["visit_id"]))
        end = world.clock()
        await services.eraser.erase_part(*whose, TimeSpan(end - 6 * 60_000, end - 60_000))
        world.clock.move(minutes=1)
        visit = Asked("visit", visit_id=ids["/not-me"]["visit_id"])
        await services.corrections.correct(*whose, visit, world.clock)
        expected = await world.rows()
        decided = await asyncio.to_thread(read_decisions, folder / "ledger.db")
        await _forget_decisions(world, corrections, erasures)
        now = world.clock()
    (folder / "warehouse.duckdb").write_bytes(copy.read_bytes())
    async with open_world(tmp_path) as world:
        world.clock.now = now
        done = await carry_out(world.services, decided)
        again = await world.rows()
        shown = (await press(world, mine.token)).text

    pages = sorted(row["path"] for row in again)
    assert pages == sorted([HIDDEN, "/mine", "/not-me"]) == sorted(row["path"] for row in expected)
    assert (done.corrected, done.erased) == (2, 2)
    assert "/mine" in shown
    assert "/not-me" not in shown


@pytest.mark.parametrize(("backup", "days"), [("before", 0), ("before", 4), ("between", 4)])
async def test_law_6_a_visit_that_was_detached_and_then_erased_does_not_come_back(
    tmp_path: Path, backup: str, days: int
):
    async with open_world(tmp_path) as world:
        mine, _ = await visited(world, "/mine")
        world.clock.move(minutes=120)
        await mine.send(a_view(url="https://example.org/not-me"))
        visits = {row["path"]: row["visit_id"] for row in await world.rows()}
        folder, whose = tmp_path / "data", (world.site.id, visitor_of(world, mine))
        services, copy = world.services, tmp_path / "copy.duckdb"
        if backup == "before":
            await _copied(world, copy)
        world.clock.move(minutes=1)
        visit = Asked("visit", visit_id=visits["/not-me"])
        await services.corrections.correct(*whose, visit, world.clock)
        if backup == "between":
            await _copied(world, copy)
        detached = [row["visitor_id"] for row in await world.rows() if row["path"] == "/not-me"]
        await services.eraser.erase_alone(world.site.id, detached)
        world.clock.move(days=days)
        await rewrite(services)
        await forget_corrected(services)
        known = await asyncio.to_thread(read_decisions, folder / "ledger.db")
        await _forget_decisions(world, erasures, *([corrections] if backup == "before" else ()))
        now = world.clock()
    (folder / "warehouse.duckdb").write_bytes(copy.read_bytes())
    async with open_world(tmp_path) as world:
        world.clock.now = now
        done = await carry_out(world.services, known)
        again = await world.rows()

    assert detached != [whose[1]]
    assert visits["/not-me"] not in known.text()
    assert [row["path"] for row in again] == ["/mine"]
    assert done.erased == 1


async def test_reports_leave_out_who_restricted_after_the_backup_before_a_server_starts(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        mine, _ = await visited(world, "/mine")
        backup = tmp_path / "backup"
        backup.mkdir()
        await copy_stores(world.services, backup)
        await world.services.restrictions.restrict(world.site.id, visitor_of(world, mine))
        folder = world.services.settings.data_folder
        known = await asyncio.to_thread(read_decisions, folder / "ledger.db")
        now = world.clock()
    new = settings_in(tmp_path / "new" / "data")
    done = await asyncio.to_thread(restore, backup, new, known, lambda: now)
    warehouse = Warehouse(new.data_folder / "warehouse.duckdb")
    sides = {row["site"] for row in stored_rows(warehouse)["events"]}
    warehouse.close()

    assert done.restricted == 1
    assert sides == {-1}
