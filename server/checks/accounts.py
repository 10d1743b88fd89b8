"""Accounts of visitors that the key of the folder does not open."""

from pathlib import Path

from sqlalchemy import select

from askfirst.store.ledger.accounts.places import email_place
from askfirst.store.ledger.database import Ledger, has_column
from askfirst.store.ledger.tables import visitor_accounts
from askfirst.system.sealing import NotSealedHere, Sealing
from server.checks.differences import Difference
from server.startup.keys import SEED_NAME, load_sealing

_SENTENCE = "accounts of visitors cannot be opened with the key in receipt-seed."


async def unopened_accounts(ledger: Ledger, folder: Path) -> list[Difference]:
    """Return how many there are; a copy without the seed, and an older ledger, have none."""
    async with ledger.read() as connection:
        known = await has_column(connection, "visitor_accounts", "id")
        if not known or not (folder / SEED_NAME).is_file():
            return []
        asked = select(visitor_accounts.c.id, visitor_accounts.c.email)
        rows = (await connection.execute(asked)).all()
    sealing = load_sealing(folder)
    number = sum(not _opens(sealing, row.id, row.email) for row in rows)
    return [Difference(f"{number} {_SENTENCE}")] if number else []


def _opens(sealing: Sealing, account_id: str, email: bytes) -> bool:
    try:
        sealing.open(email, email_place(account_id))
    except NotSealedHere:
        return False
    return True
