"""Access that was ended after a backup stays ended in what is restored from it."""

import asyncio
from pathlib import Path

from askfirst.store.ledger.tables import receipt_codes, visitor_accounts
from server.backups.backup import copy_stores
from server.backups.later_decisions import read_decisions
from server.backups.restore import restore
from tests.consent.my_data.own_page import MAIL, Account, posted, press, table, visited
from tests.consent.public_pages import plain
from tests.factories import settings_in
from tests.world import open_world

ENDED = "Access to this page was ended"


async def test_law_6_access_that_was_ended_after_a_backup_is_not_restored(tmp_path: Path):
    async with open_world(tmp_path, **MAIL) as world:
        lost, code = await visited(world, "/lost")
        kept, theirs = await visited(world, "/kept")
        locked = await Account(world).open(lost)
        await Account(world).open(kept, email="bert@example.com")
        backup = tmp_path / "backup"
        backup.mkdir()
        await copy_stores(world.services, backup)
        world.clock.move(minutes=1)
        await press(world, lost.token, "lost_now")
        known = await asyncio.to_thread(
            read_decisions, world.services.settings.data_folder / "ledger.db"
        )
        (tmp_path / "list").write_text(known.text())
        now = world.clock()
    decisions = await asyncio.to_thread(read_decisions, tmp_path / "list")
    done = await asyncio.to_thread(
        restore, backup, settings_in(tmp_path / "new" / "data"), decisions, lambda: now
    )
    assert decisions == known
    assert (done.withdrawn, done.access_ended) == (1, 2)  # the visitor, and the account

    async with open_world(tmp_path / "new", **MAIL) as world:
        world.clock.now = now
        assert ENDED in plain((await press(world, lost.token)).text)
        assert (await posted(world, "/my-data", code=code)).status_code == 404
        assert "/kept" in (await posted(world, "/my-data", code=theirs)).text
        accounts = {row["id"]: row for row in await table(world, visitor_accounts)}
        assert [row["needs_password"] for row in accounts.values()].count(1) == 1
        assert accounts[locked.id]["needs_password"] == 1
        assert accounts[locked.id]["access_ended_by"] == "visitor"
        assert len(await table(world, receipt_codes)) == 1


async def test_an_end_that_the_backup_knows_is_not_carried_out_again(tmp_path: Path):
    async with open_world(tmp_path, **MAIL) as world:
        mine, _ = await visited(world, "/mine")
        await Account(world).open(mine)
        await press(world, mine.token, "lost_now")
        async with world.services.ledger.write() as connection:
            await connection.execute(visitor_accounts.update().values(needs_password=0))
        backup = tmp_path / "backup"
        backup.mkdir()
        await copy_stores(world.services, backup)
        known = await asyncio.to_thread(
            read_decisions, world.services.settings.data_folder / "ledger.db"
        )
        clock = world.clock
    done = await asyncio.to_thread(
        restore, backup, settings_in(tmp_path / "new" / "data"), known, clock
    )

    assert done.access_ended == 0
