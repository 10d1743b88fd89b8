"""What was taken out of an account after a backup does not come back with it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert

from askfirst.store.ledger.accounts.fields import keep_field, volunteered
from askfirst.store.ledger.tables import (
    account_browsers,
    account_fields,
    account_links,
    account_removals,
    account_sessions,
    visitor_accounts,
)
from consent.accounts.accounts import VisitorAccounts
from server.backups.later_decisions import carry_out, read_decisions
from tests.consent.accounts.hall import EMAIL, Hall, open_hall, visited, visitor_of

MOVED, OTHER = "anna@example.net", "bert@example.org"
BACKED_UP = {
    "visitor_accounts": visitor_accounts,
    "account_browsers": account_browsers,
    "account_fields": account_fields,
}


@pytest.fixture
async def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with open_hall(tmp_path / "a", monkeypatch) as opened:
        yield opened


async def put_back(hall: Hall, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Write the rows of a backup in place of what is there."""
    gone = (account_sessions, account_links, account_removals)
    async with hall.world.services.ledger.write() as connection:
        for table in (*gone, *reversed(BACKED_UP.values())):
            await connection.execute(delete(table))
        for name, table in BACKED_UP.items():
            await connection.execute(insert(table), rows[name])


async def keep(hall: Hall, account: str, **values: str) -> None:
    async with hall.world.services.ledger.write() as connection:
        for what in values.items():
            await keep_field(connection, hall.deps.sealing, account, what, hall.world.clock())


async def test_law_6_removed_values_browsers_and_addresses_stay_out_of_what_is_restored(
    hall: Hall, tmp_path: Path
):
    out, stays = await visited(hall), await visited(hall)
    member = await hall.member(token=out.token)
    await member.do("join", token=stays.token)
    await hall.member(OTHER)
    account = hall.owner(EMAIL)
    await keep(hall, account, name="Anna", interests="boats", gender="woman")
    backup = {name: hall.table(name) for name in BACKED_UP}
    hall.world.clock.move(minutes=1)
    await keep(hall, account, name="", interests="trains", gender="woman")
    await member.do("part", browser=visitor_of(hall, out))
    async with hall.world.services.ledger.write() as connection:
        accounts = VisitorAccounts(hall.deps)
        found = await accounts.within(connection, account)
        assert found
        await accounts.set_email(connection, found, MOVED)
    folder = hall.world.services.settings.data_folder
    known = await asyncio.to_thread(read_decisions, folder)
    (tmp_path / "list").write_text(known.text())
    listed = await asyncio.to_thread(read_decisions, tmp_path / "list")
    await put_back(hall, backup)
    done = [(await carry_out(hall.world.services, listed)).account_changes for _ in range(2)]

    assert listed == known
    assert done == [4, 0]  # two values, a browser and the address; nothing a second time
    for told in (EMAIL, MOVED, account, visitor_of(hall, out), "boats"):
        assert told not in known.text()
    async with hall.world.services.ledger.read() as connection:
        kept = await volunteered(connection, hall.deps.sealing, account)
    assert kept == {"gender": "woman"}
    assert [row["visitor_id"] for row in hall.table("account_browsers")] == [
        visitor_of(hall, stays)
    ]
    assert hall.owner(EMAIL) == ""
    assert hall.owner(MOVED) == account
    assert hall.owner(OTHER)
    again = await asyncio.to_thread(read_decisions, folder)
    assert again.account_changes == known.account_changes


async def test_what_was_told_or_joined_again_before_the_backup_stays(hall: Hall):
    browser = await visited(hall)
    member = await hall.member(token=browser.token)
    account = hall.owner(EMAIL)
    await keep(hall, account, name="Anna")
    hall.world.clock.move(minutes=1)
    await member.do("part", browser=visitor_of(hall, browser))
    await keep(hall, account, name="Anne")
    hall.world.clock.move(minutes=1)
    await member.do("join", token=browser.token)
    rows = {name: hall.table(name) for name in BACKED_UP}
    services = hall.world.services
    decisions = await asyncio.to_thread(read_decisions, services.settings.data_folder)
    await carry_out(services, decisions)

    assert decisions.account_changes
    assert {name: hall.table(name) for name in BACKED_UP} == rows


@pytest.mark.parametrize(
    "line", ["taken-out x 1700000000000", "moved " + "0" * 32 + " 1700000000000 00 00", "taken-out"]
)
async def test_a_cut_line_is_named_and_nothing_is_done(tmp_path: Path, line: str):
    from askfirst.errors import Misconfigured

    (tmp_path / "list").write_text(f"{line}\n")
    with pytest.raises(Misconfigured, match="Line 1 "):
        await asyncio.to_thread(read_decisions, tmp_path / "list")
