"""Ends of access (lost or stolen): what proved before whose data it is opens nothing any more.

One row for each visitor id and press. What opens pages goes with it in the same transaction:
receipt codes, and of the accounts of these visitors every session and link.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from sqlalchemy import delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.tables import (
    account_browsers,
    account_links,
    account_sessions,
    receipt_codes,
    visitor_access_ends,
    visitor_accounts,
)
from askfirst.store.ledger.visitor_links import linked_ids

EndedBy = Literal["visitor", "staff"]
_ENDS = visitor_access_ends.c


class Ended(NamedTuple):
    """When access was ended (ms), and by whom."""

    at: int
    by: EndedBy


async def ended_among(
    connection: AsyncConnection, site_id: int, visitor_ids: Sequence[str]
) -> Ended | None:
    """Return the last end of access of any of these visitors, or None."""
    mine = (_ENDS.site_id == site_id) & _ENDS.visitor_id.in_(visitor_ids)
    asked = select(_ENDS.ended_at, _ENDS.ended_by).where(mine).order_by(_ENDS.ended_at.desc())
    row = (await connection.execute(asked.limit(1))).first()
    return Ended(*row) if row else None


async def is_over(
    connection: AsyncConnection, site_id: int, visitor_ids: Sequence[str], accounts: Sequence[str]
) -> bool:
    """Return whether these visitors' access was ended, and no account of them was opened since."""
    mine = (_ENDS.site_id == site_id) & _ENDS.visitor_id.in_(visitor_ids)
    number = await connection.scalar(select(func.count(_ENDS.visitor_id.distinct())).where(mine))
    table = visitor_accounts.c
    opened = select(table.id).where(table.id.in_(accounts), table.needs_password == 0)
    is_open = (await connection.execute(opened.limit(1))).first() is not None
    return not is_open and number == len(set(visitor_ids))


async def whole_person(
    connection: AsyncConnection,
    site_id: int,
    visitor_ids: Iterable[str],
    account_ids: Iterable[str],
) -> tuple[list[str], list[str]]:
    """Return all linked and joined visitor ids of a person, and the accounts that join them."""
    ids, accounts = dict.fromkeys(visitor_ids), dict.fromkeys(account_ids)
    known = (-1, -1)
    while known != (len(ids), len(accounts)):
        known = (len(ids), len(accounts))
        browsers = account_browsers.c
        mine = or_(browsers.account_id.in_(list(accounts)), browsers.visitor_id.in_(list(ids)))
        asked = select(browsers.account_id, browsers.visitor_id)
        rows = await connection.execute(asked.where(browsers.site_id == site_id, mine))
        for account_id, visitor_id in rows.all():
            accounts[account_id] = ids[visitor_id] = None
        for one in list(ids):
            ids |= dict.fromkeys(await linked_ids(connection, site_id, one))
    return list(ids), list(accounts)


async def end_visitors(
    connection: AsyncConnection, site_id: int, visitor_ids: Sequence[str], ended: Ended
) -> None:
    """Record the end of these visitors' access, and delete their receipt codes."""
    facts = {"site_id": site_id, "ended_at": ended.at, "ended_by": ended.by}
    if visitor_ids:
        rows = [{**facts, "visitor_id": one} for one in visitor_ids]
        await connection.execute(insert(visitor_access_ends), rows)
    codes = receipt_codes.c
    mine = (codes.site_id == site_id) & codes.visitor_id.in_(visitor_ids)
    await connection.execute(delete(receipt_codes).where(mine))


async def lock_accounts(
    connection: AsyncConnection, account_ids: Sequence[str], ended: Ended
) -> None:
    """End these accounts' sessions and links; each needs a new password before all else."""
    for table in (account_sessions, account_links):
        await connection.execute(delete(table).where(table.c.account_id.in_(account_ids)))
    mine = update(visitor_accounts).where(visitor_accounts.c.id.in_(account_ids))
    locked = {"access_ended_at": ended.at, "access_ended_by": ended.by, "needs_password": 1}
    await connection.execute(mine.values(locked))
