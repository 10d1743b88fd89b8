"""Entries that tell visitors who on the staff opened their account, written before it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import (
    account_browsers,
    consent_records,
    disclosures,
    visitor_accounts,
)

ACCOUNT_OPENED = "opened account"
ADDRESSES_EXPORTED = "exported addresses"
LONGEST_REASON = 300
_AT_ONCE = 500


@dataclass(frozen=True)
class AccountEntry:
    """What is entered: of a site, by whom (an email address), what, why, and when (ms)."""

    site_id: int
    to_whom: str
    what: str
    reason: str
    disclosed_at: int


async def has_account(ledger: Ledger, site_id: int, visitor_ids: Sequence[str]) -> bool:
    """Return whether a confirmed account joins one of these visitor ids."""
    async with ledger.read() as connection:
        return await account_joining(connection, site_id, visitor_ids) is not None


async def account_joining(
    connection: AsyncConnection, site_id: int, visitor_ids: Sequence[str]
) -> str | None:
    """Return the confirmed account that joins one of these visitor ids, or None."""
    joined, account = account_browsers.c, visitor_accounts.c
    asked = (
        select(account.id)
        .join(account_browsers, joined.account_id == account.id)
        .where(joined.site_id == site_id, joined.visitor_id.in_(visitor_ids))
        .where(account.confirmed_at.is_not(None))
    )
    return (await connection.execute(asked)).scalars().first()


async def enter(
    connection: AsyncConnection, account_ids: Sequence[str], entry: AccountEntry
) -> None:
    """Enter it under each account's number, and under each browser that it joins.

    So it stands on the page of the account, and among the entries of each browser. A browser that
    no consent record names any more was erased, and gets none.
    """
    for first in range(0, len(account_ids), _AT_ONCE):
        some = account_ids[first : first + _AT_ONCE]
        browsers = await _browsers(connection, entry.site_id, some)
        rows = [{**entry.__dict__, "visitor_id": one} for one in (*some, *browsers)]
        await connection.execute(insert(disclosures), rows)


async def _browsers(
    connection: AsyncConnection, site_id: int, account_ids: Sequence[str]
) -> list[str]:
    joined, record = account_browsers.c, consent_records.c
    named = select(record.visitor_id).where(record.site_id == site_id)
    mine = select(joined.visitor_id).where(
        joined.account_id.in_(account_ids), joined.visitor_id.in_(named)
    )
    return list((await connection.execute(mine.order_by(joined.visitor_id))).scalars())
