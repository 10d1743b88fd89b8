"""What was taken out of accounts: noted by hashes that name nobody, for backups restored later."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.erasure_receipts import receipt_id_of
from askfirst.store.ledger.tables import account_browsers, account_removals, visitor_accounts

ADDRESS = "address"
"""The part of an account that its earlier address was."""


def field_part(field: str) -> str:
    """Return the part of an account that a value of a field is."""
    return f"field:{field}"


def browser_part(visitor_id: str) -> str:
    """Return the part of an account that a joined browser is."""
    return f"browser:{visitor_id}"


def removal_number(site_id: int, account_id: str, part: str) -> str:
    """Return the number of a removal, 32 hexadecimal digits: a hash of random ids."""
    return receipt_id_of(site_id, account_id, part)


async def note_removed(
    connection: AsyncConnection, account_id: str, parts: Sequence[str], now: int
) -> None:
    """Note within a transaction that parts of an account are gone since a time (ms)."""
    account = visitor_accounts.c
    site_id = await connection.scalar(select(account.site_id).where(account.id == account_id))
    if site_id is None or not parts:
        return
    numbers = [removal_number(site_id, account_id, part) for part in parts]
    await keep_removed(connection, site_id, dict.fromkeys(numbers, now))


async def keep_removed(connection: AsyncConnection, site_id: int, removed: dict[str, int]) -> None:
    """Keep removals of a site by their numbers, each with its time (ms) in place of an earlier."""
    earlier = account_removals.c.number.in_(list(removed))
    await connection.execute(delete(account_removals).where(earlier))
    rows = [{"number": one, "site_id": site_id, "removed_at": at} for one, at in removed.items()]
    await connection.execute(insert(account_removals), rows)


async def part_browsers(
    connection: AsyncConnection,
    site_id: int,
    visitor_ids: Sequence[str],
    now: int,
    keeper: str | None = None,
) -> None:
    """Take browsers out of every account but `keeper` within a transaction, and note it."""
    joined = account_browsers.c
    theirs = (joined.site_id == site_id) & joined.visitor_id.in_(visitor_ids)
    if keeper:
        theirs &= joined.account_id != keeper
    rows = await connection.execute(select(joined.account_id, joined.visitor_id).where(theirs))
    for account_id, visitor_id in rows.all():
        await note_removed(connection, account_id, [browser_part(visitor_id)], now)
    await connection.execute(delete(account_browsers).where(theirs))
