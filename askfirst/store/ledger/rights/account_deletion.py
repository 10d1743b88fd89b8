"""Deleting accounts of visitors with all that belongs to them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.tables import (
    account_browsers,
    account_fields,
    account_links,
    account_messages,
    account_sessions,
    disclosures,
    visitor_accounts,
    visitor_mails,
)

OF_ACCOUNTS = (
    account_browsers,
    account_fields,
    account_links,
    account_messages,
    account_sessions,
    visitor_mails,
)
"""The tables whose rows belong to an account, by its number."""


async def delete_accounts(connection: AsyncConnection, account_ids: Sequence[str]) -> None:
    """Delete accounts within a transaction: what was registered, sessions, links and mails."""
    for table in OF_ACCOUNTS:
        await connection.execute(delete(table).where(table.c.account_id.in_(account_ids)))
    looks = disclosures.c.visitor_id.in_(account_ids)  # who opened what was volunteered
    await connection.execute(delete(disclosures).where(looks))
    gone = delete(visitor_accounts).where(visitor_accounts.c.id.in_(account_ids))
    await connection.execute(gone)


async def accounts_of_sites(connection: AsyncConnection, site_ids: Sequence[int]) -> list[str]:
    """Return the numbers of all accounts of some sites."""
    ids = select(visitor_accounts.c.id).where(visitor_accounts.c.site_id.in_(site_ids))
    return list(await connection.scalars(ids))


def unconfirmed(now: int) -> Any:
    """Select the accounts that nobody can confirm any more: their last link is too old."""
    accounts = visitor_accounts.c
    living = exists().where(
        and_(account_links.c.account_id == accounts.id, account_links.c.expires_at > now)
    )
    return select(accounts.id).where(accounts.confirmed_at.is_(None), ~living)
