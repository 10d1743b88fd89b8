"""Closing days: the job makes summaries of days that are over, and new ones in another zone."""

from pathlib import Path

import pytest
from sqlalchemy import update

from askfirst.store.ledger.tables import sites
from server.maintenance.folding import fold
from tests.world import World, open_world


def rows_of(world: World, table: str) -> list[dict]:
    columns = {"counts": "day, dimension, value, visits, views", "summarised": "zone, closed_until"}
    found = world.services.warehouse.answer(f"SELECT {columns[table]} FROM {table} ORDER BY ALL")
    return found.to_dict("records")


async def visited(world: World) -> None:
    browser = world.browser()
    await browser.accept()
    await browser.send()
    await world.services.shipper.ship_all()


async def set_zone(world: World, zone: str) -> None:
    async with world.services.ledger.write() as connection:
        await connection.execute(update(sites).values(time_zone=zone))
    await world.services.book.refresh()


async def test_a_day_is_closed_when_no_late_event_can_come_any_more(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await visited(world)
        await fold(world.services)
        assert rows_of(world, "counts") == []
        world.clock.move(days=3)
        await fold(world.services)
        total = [row for row in rows_of(world, "counts") if row["dimension"] == 0]
        assert [(row["visits"], row["views"]) for row in total] == [(1, 1)]
        before = rows_of(world, "counts")
        await fold(world.services)
        assert rows_of(world, "counts") == before


async def test_another_time_zone_makes_the_summaries_anew(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await visited(world)  # at noon UTC
        world.clock.move(days=3)
        await fold(world.services)
        berlin = rows_of(world, "counts")
        for zone, later in (("Pacific/Kiritimati", 1), ("UTC", 0), ("Europe/Berlin", 0)):
            await set_zone(world, zone)
            await fold(world.services)
            days = [row["day"] for row in rows_of(world, "counts")]
            assert days == [row["day"] + later for row in berlin]
            assert [row["zone"] for row in rows_of(world, "summarised")] == [zone]


async def test_days_without_events_are_closed_and_a_deleted_site_is_left_alone(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world:
        await fold(world.services)
        await visited(world)
        world.clock.move(days=3)
        await fold(world.services)
        await world.services.site_deletion.delete(world.site.id)
        await fold(world.services)
        assert rows_of(world, "counts") == rows_of(world, "summarised") == []


async def test_a_site_whose_days_cannot_be_closed_does_not_keep_others_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(tmp_path) as world:
        first = await world.services.book.add("First", ["first.example"], "UTC", {})
        second = await world.services.book.add("Second", ["second.example"], "UTC", {})
        closing, closed = world.services.warehouse.fold, []

        def close_days(site_id: int, zone: str, now: int) -> bool:
            if site_id == first.id:
                raise RuntimeError("a damaged block")
            closed.append(site_id)
            return closing(site_id, zone, now)

        monkeypatch.setattr(world.services.warehouse, "fold", close_days)
        with pytest.raises(RuntimeError, match="a damaged block"):
            await fold(world.services)

    assert second.id in closed
