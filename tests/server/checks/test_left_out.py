"""`askfirst check` knows the ground of rows that the reports leave out, too."""

import asyncio
from pathlib import Path

from server.checks.check import examine
from tests.factories import a_view
from tests.world import open_world


async def test_law_3_rows_that_are_left_out_have_the_same_ground_as_the_others(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world:
        browser = world.browser()
        await browser.accept()
        await browser.send(a_view())
        await browser.send(a_view(), **{"Sec-Purpose": "prefetch"})
        rows = await world.rows()
        asked = "SELECT site FROM events ORDER BY site"
        stored = await asyncio.to_thread(world.services.warehouse.answer, asked)

    assert {row["site_id"] for row in rows} == {world.site.id}
    assert list(stored["site"]) == [-world.site.id, world.site.id]
    assert await asyncio.to_thread(examine, tmp_path / "data") == []
