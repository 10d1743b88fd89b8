"""Visitors' accounts: those nobody confirmed are deleted, and sessions and links that are over."""

from sqlalchemy import delete, select

from askfirst.store.ledger.rights.account_deletion import delete_accounts, unconfirmed
from askfirst.store.ledger.tables import account_links, account_sessions
from consent.accounts.sessions import living_at
from server.services import Services


async def tidy_accounts(services: Services) -> None:
    """Delete what is over, with its bytes; nothing is written where nothing is."""
    now = services.clock()
    over = {account_links: account_links.c.expires_at <= now, account_sessions: ~living_at(now)}
    async with services.ledger.read() as connection:
        waiting = list(await connection.scalars(unconfirmed(now)))
        asked = [select(table.c.account_id).where(which) for table, which in over.items()]
        found = [(await connection.execute(one.limit(1))).first() for one in asked]
    if not waiting and not any(found):
        return
    async with services.ledger.write() as connection:
        await delete_accounts(connection, list(await connection.scalars(unconfirmed(now))))
        for table, which in over.items():
            await connection.execute(delete(table).where(which))
    await services.ledger.checkpoint()
