"""Law 6: a receipt code of somebody who was erased opens nothing after a restore either."""

import asyncio
from pathlib import Path

from sqlalchemy import select, update

from askfirst.store.ledger.tables import receipt_codes, restrictions
from server.backups.backup import copy_stores
from server.backups.later_decisions import read_decisions
from server.backups.restore import restore
from server.checks.check import examine
from tests.consent.my_data.own_page import posted, visited
from tests.consent.public_pages import plain
from tests.factories import settings_in
from tests.world import World, open_world


async def code_of(world: World, path: str) -> tuple[str, str]:
    """Return token and receipt code of a new visitor who opened a page."""
    browser = world.browser()
    code = (await browser.accept()).json()["receipt"]["code"]
    await browser.send()
    await world.rows()
    return browser.token, code


async def test_law_6_the_code_of_who_was_erased_after_the_backup_opens_nothing_when_restored(
    tmp_path: Path,
):
    backup, new = tmp_path / "backup", tmp_path / "restored" / "data"
    async with open_world(tmp_path / "first") as world:
        gone, others = await code_of(world, "/gone"), await code_of(world, "/other")
        await asyncio.to_thread(backup.mkdir)
        await copy_stores(world.services, backup)
        world.clock.move(minutes=1)
        await posted(world, {"token": gone[0], "do": "erase"})
        ledger = world.services.settings.data_folder / "ledger.db"
        decisions = await asyncio.to_thread(read_decisions, ledger)
        await asyncio.to_thread(new.parent.mkdir)
        done = await asyncio.to_thread(restore, backup, settings_in(new), decisions, world.clock)
    async with open_world(new.parent) as world:
        opened = {code: await posted(world, {"code": code}) for _, code in (gone, others)}
        async with world.services.ledger.read() as connection:
            kept = (await connection.execute(select(receipt_codes))).all()

    assert done.erased == 1
    assert opened[gone[1]].status_code == 404
    assert "What is recorded about you" in plain(opened[others[1]].text)
    assert len(kept) == 1
    assert await asyncio.to_thread(examine, new) == []


async def test_a_check_names_codes_and_restrictions_of_visitors_whom_no_record_names(
    tmp_path: Path,
):
    async with open_world(tmp_path) as world:
        mine = await visited(world, "/one")
        await posted(world, {"token": mine.token, "do": "restrict"})
        folder = world.services.settings.data_folder
    right = await asyncio.to_thread(examine, folder)
    async with open_world(tmp_path) as world, world.services.ledger.write() as connection:
        for table in (receipt_codes, restrictions):
            await connection.execute(update(table).values(visitor_id="0" * 32))
    found = await asyncio.to_thread(examine, folder)

    assert right == []
    assert [one.sentence for one in found] == [
        "1 receipt codes are of visitors whom no consent record names.",
        "1 restrictions are of visitors whom no consent record names.",
    ]
