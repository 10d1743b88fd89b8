"""Erasing a visit takes what was corrected in it along, and leaves what is of other visits."""

from pathlib import Path

import pytest
from sqlalchemy import select

from askfirst.store.ledger.tables import corrections
from consent.rights.corrected_events import Asked
from consent.rights.parts import OneVisit, Part, TimeSpan
from tests.consent.my_data.persons import visited, visitor_of
from tests.factories import a_view
from tests.world import World, open_world


async def kept(world: World) -> list[dict[str, object]]:
    async with world.services.ledger.read() as connection:
        asked = select(corrections).order_by(corrections.c.id)
        return [dict(row) for row in (await connection.execute(asked)).mappings()]


@pytest.mark.parametrize("name", ["the visit", "its days"])
async def test_law_6_an_erased_visit_leaves_no_correction_of_it(tmp_path: Path, name: str):
    async with open_world(tmp_path) as world:
        mine, _ = await visited(world, "/one")
        world.clock.move(minutes=120)
        begun = world.clock()
        await mine.send(a_view(url="https://example.org/two"))
        visits = [str(row["visit_id"]) for row in await world.rows()]
        whose = (world.site.id, visitor_of(world, mine))
        for asked in (
            Asked("device", "", visits[1]),
            Asked("device", "tablet", visits[0]),
            Asked("device", "desktop"),
        ):
            await world.services.corrections.correct(*whose, asked, world.clock)
        before = await kept(world)
        part: Part = OneVisit(visits[1])
        if name == "its days":
            part = TimeSpan(begun, world.clock() + 1)
        await world.services.eraser.erase_part(*whose, part)
        after = await kept(world)
        folder = world.services.settings.data_folder
        raw = b"".join(one.read_bytes() for one in folder.glob("ledger*"))
        [site] = world.services.book.all()

    assert [row["visit_id"] for row in before] == [visits[1], visits[0], None]
    assert before[2]["last_visit"] == visits[1]
    assert after == [before[1], {**before[2], "last_visit": None}]
    assert visits[1].encode() not in raw
    assert visits[0].encode() in raw
    assert [one.to for one in site.corrections[whose[1]]] == ["tablet", "desktop"]
