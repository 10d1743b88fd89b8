"""Links between the visitor ids of one browser: a new id is linked with the earlier one.

The links serve a person's rights only: exporting or erasing one id reaches the others. Each id has
at most one earlier id, so the ids of a browser are a tree. Browsers that a person has joined hang
under a joint, an id that no visitor has and no function returns: neither was before the other.
"""

import secrets
from collections.abc import Sequence

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import restrictions, visitor_links

MOST_LINKED = 100
"""Ids of one browser: a person has a few, a program that accepts and withdraws makes thousands."""

_TABLE = visitor_links.c
_DEEPEST = 10 * MOST_LINKED  # ends the search where a damaged ledger has a cycle
_JOINT = "joint-"  # which no visitor id begins with
_JOINED = 2  # browsers that hang under a joint


class VisitorLinks:
    """Reads the links of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def of(self, site_id: int, visitor_id: str) -> list[str]:
        """Return every id of the visitor's browser, the first one first; at least the id itself."""
        async with self._ledger.read() as connection:
            return await linked_ids(connection, site_id, visitor_id)


async def link(
    connection: AsyncConnection, site_id: int, visitor_id: str, earlier_id: str, now: int
) -> None:
    """Link a new visitor id with an earlier one, in the caller's transaction.

    A restriction of the earlier one holds for the new one too.
    """
    ids = {"visitor_id": visitor_id, "earlier_id": earlier_id}
    row = {**ids, "site_id": site_id, "linked_at": now}
    await connection.execute(insert(visitor_links).values(row))
    await _restrict_too(connection, site_id, visitor_id, earlier_id)


async def _restrict_too(
    connection: AsyncConnection, site_id: int, visitor_id: str, earlier_id: str
) -> None:
    held = restrictions.c
    open_one = (
        (held.site_id == site_id) & (held.visitor_id == earlier_id) & held.lifted_at.is_(None)
    )
    copied = select(held.site_id, literal(visitor_id), held.begun_at, held.begun_by)
    names = ["site_id", "visitor_id", "begun_at", "begun_by"]
    await connection.execute(insert(restrictions).from_select(names, copied.where(open_one)))


async def join_browsers(
    connection: AsyncConnection, site_id: int, first: str, second: str, now: int
) -> None:
    """Make two browsers one person's, by any of their ids, in the caller's transaction.

    Nothing happens where they are already. A restriction is the caller's to copy.
    """
    tops = {await _top(connection, site_id, one) for one in (first, second)}
    if len(tops) == 1:
        return
    joint = _JOINT + secrets.token_hex(16 - len(_JOINT) // 2)
    row = {"site_id": site_id, "earlier_id": joint, "linked_at": now}
    rows = [{**row, "visitor_id": top} for top in sorted(tops)]
    await connection.execute(insert(visitor_links), rows)


async def linked_ids(connection: AsyncConnection, site_id: int, visitor_id: str) -> list[str]:
    """Return every id of the person, also of joined browsers, the first one first."""
    return await _below(connection, site_id, await _top(connection, site_id, visitor_id))


async def browser_ids(connection: AsyncConnection, site_id: int, visitor_id: str) -> list[str]:
    """Return every id of the visitor's browser alone, the first one first."""
    earlier = await earlier_ids(connection, site_id, visitor_id)
    return await _below(connection, site_id, earlier[0] if earlier else visitor_id)


async def earlier_ids(connection: AsyncConnection, site_id: int, visitor_id: str) -> list[str]:
    """Return the ids that a visitor had before this one, the first one first."""
    found = await _above(connection, site_id, visitor_id)
    return [one for one in found if not _is_joint(one)]


async def _top(connection: AsyncConnection, site_id: int, visitor_id: str) -> str:
    above = await _above(connection, site_id, visitor_id)
    return above[0] if above else visitor_id


async def _below(connection: AsyncConnection, site_id: int, first: str) -> list[str]:
    """Return an id and those that follow it, without joints."""
    start = select(literal(first).label("id"), literal(0).label("depth"), literal(0).label("at"))
    line = start.cte("line", recursive=True)
    after = select(_TABLE.visitor_id, line.c.depth + 1, _TABLE.linked_at).where(
        _TABLE.earlier_id == line.c.id, _TABLE.site_id == site_id, line.c.depth < _DEEPEST
    )
    line = line.union_all(after)
    statement = select(line.c.id).order_by(line.c.depth, line.c.at)
    found = dict.fromkeys(await connection.scalars(statement))
    return [one for one in found if not _is_joint(one)]


async def _above(connection: AsyncConnection, site_id: int, visitor_id: str) -> list[str]:
    """Return the ids above one, joints too, the first one first."""
    start = select(literal(visitor_id).label("id"), literal(0).label("depth"))
    line = start.cte("line", recursive=True)
    before = select(_TABLE.earlier_id, line.c.depth + 1).where(
        _TABLE.visitor_id == line.c.id, _TABLE.site_id == site_id, line.c.depth < _DEEPEST
    )
    line = line.union_all(before)
    statement = select(line.c.id).order_by(line.c.depth.desc())
    found = await connection.scalars(statement)
    return [one for one in dict.fromkeys(found) if one != visitor_id]


async def forget_links(
    connection: AsyncConnection, site_id: int, visitor_ids: Sequence[str]
) -> None:
    """Remove these ids from the links, in the caller's transaction; others stay linked."""
    for visitor_id in visitor_ids:
        joints = [one for one in await _above(connection, site_id, visitor_id) if _is_joint(one)]
        await _forget(connection, site_id, visitor_id)
        for joint in reversed(joints):
            if len(await _followers(connection, site_id, joint)) < _JOINED:
                await _forget(connection, site_id, joint)  # it joins nobody any more


def _is_joint(one: str) -> bool:
    return one.startswith(_JOINT)


async def _followers(connection: AsyncConnection, site_id: int, visitor_id: str) -> list[str]:
    following = (_TABLE.site_id == site_id) & (_TABLE.earlier_id == visitor_id)
    asked = select(_TABLE.visitor_id).where(following).order_by(_TABLE.linked_at)
    return list(await connection.scalars(asked))


async def _forget(connection: AsyncConnection, site_id: int, visitor_id: str) -> None:
    """Remove one id: its followers follow the one before it, or else the first of themselves."""
    mine = (_TABLE.site_id == site_id) & (_TABLE.visitor_id == visitor_id)
    following = (_TABLE.site_id == site_id) & (_TABLE.earlier_id == visitor_id)
    before = await connection.scalar(select(_TABLE.earlier_id).where(mine))
    heir = before or next(iter(await _followers(connection, site_id, visitor_id)), None)
    await connection.execute(delete(visitor_links).where(mine))
    if heir:
        is_heir = (_TABLE.site_id == site_id) & (_TABLE.visitor_id == heir)
        await connection.execute(delete(visitor_links).where(following & is_heir))
        await connection.execute(update(visitor_links).where(following).values(earlier_id=heir))
