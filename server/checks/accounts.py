"""Accounts of visitors: those that the key of the folder does not open, and rows of none."""

from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.database import Ledger, has_column
from askfirst.store.ledger.rights.account_deletion import OF_ACCOUNTS
from askfirst.store.ledger.tables import visitor_accounts, visitor_mails
from askfirst.system.sealing import NotSealedHere, Sealing
from consent.accounts.accounts import email_place
from server.checks.differences import Difference
from server.startup.keys import SEED_NAME, load_sealing


async def wrong_accounts(ledger: Ledger, folder: Path) -> list[Difference]:
    """Return what is wrong with accounts; a copy without the seed says nothing of the key."""
    async with ledger.read() as connection:
        if not await has_column(connection, "visitor_accounts", "id"):
            return []
        ownerless = await _ownerless(connection)
        closed = 0
        if (folder / SEED_NAME).is_file():
            closed = await _not_opened(connection, load_sealing(folder))
    told = [
        (closed, "accounts of visitors cannot be opened with the key in receipt-seed."),
        (ownerless, "rows belong to an account of a visitor that is not there."),
    ]
    return [Difference(f"{number} {sentence}") for number, sentence in told if number]


async def _ownerless(connection: AsyncConnection) -> int:
    """Count the rows without an account; a mail that tells of a closed one is sent after it."""
    number, there = 0, select(visitor_accounts.c.id)
    for table in OF_ACCOUNTS:
        if table is not visitor_mails:
            lost = select(func.count()).where(table.c.account_id.not_in(there))
            number += int((await connection.execute(lost)).scalar_one())
    return number


async def _not_opened(connection: AsyncConnection, sealing: Sealing) -> int:
    rows = await connection.execute(select(visitor_accounts.c.id, visitor_accounts.c.email))
    return sum(not _opens(sealing, row.id, row.email) for row in rows)


def _opens(sealing: Sealing, account_id: str, email: bytes) -> bool:
    try:
        sealing.open(email, email_place(account_id))
    except NotSealedHere:
        return False
    return True
