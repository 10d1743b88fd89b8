"""Accounts of visitors that were closed after a backup: a restore closes them again."""

from collections.abc import Collection

from sqlalchemy import select

from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.erasure_receipts import receipt_id_of
from askfirst.store.ledger.rights.account_deletion import delete_accounts
from askfirst.store.ledger.tables import visitor_accounts


async def close_accounts(ledger: Ledger, erased: Collection[str]) -> int:
    """Delete the accounts whose number, hashed, is among those of erasures; return how many."""
    columns = (visitor_accounts.c.site_id, visitor_accounts.c.id)
    async with ledger.write() as connection:
        rows = (await connection.execute(select(*columns))).all()
        gone = [row.id for row in rows if receipt_id_of(row.site_id, row.id) in erased]
        await delete_accounts(connection, gone)
    return len(gone)
