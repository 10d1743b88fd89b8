"""Restriction: what is stored of a visitor is kept and not used until the visitor lifts it."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import Clock
from askfirst.errors import NotFound
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.rules.report_rules import noting_change
from askfirst.store.ledger.site_book import SiteBook
from askfirst.store.ledger.tables import restrictions
from askfirst.store.ledger.visitor_links import linked_ids
from consent.proof.records import BY_VISITOR
from consent.rights.erasure_requests import is_erased

_TABLE = restrictions.c
May = Callable[[AsyncConnection], Awaitable[bool]]
"""Tells within a transaction whether the proof still holds by which somebody asks for an act."""


async def refuse_unless(may: May | None, connection: AsyncConnection) -> None:
    """Raise `NotFound` where access was ended after an act was asked for."""
    if may and not await may(connection):
        raise NotFound("Access to this page was ended meanwhile. Nothing was changed.")


class Restrictions:
    """Restricts and lifts, for every id of a visitor's browser, also those that come later.

    It is on record first, with the note that what is stored does not follow it yet. New events
    follow it when the call returns; what is stored is moved out of the reports, or back, by the job
    `follow_rules` within seconds, and after a crash by that of the next start.
    """

    def __init__(self, ledger: Ledger, book: SiteBook, clock: Clock) -> None:
        self._ledger = ledger
        self._book = book
        self._clock = clock

    async def restrict(
        self, site_id: int, visitor_id: str, by: str = BY_VISITOR, may: May | None = None
    ) -> None:
        """Leave the visitor out of all reports; nothing where that is so already.

        `by` is who asks: `BY_VISITOR` or `BY_CONTROLLER`. Raises `NotFound` for an erased visitor,
        and where the proof of who asks holds no more (`may`).
        """
        async with self._ledger.write() as connection:
            await refuse_unless(may, connection)
            if await is_erased(connection, site_id, visitor_id):
                raise NotFound("There is no such visitor, or it was erased.")
            ids = await linked_ids(connection, site_id, visitor_id)
            held = set(await connection.scalars(_held(_TABLE.visitor_id, site_id, ids)))
            await self._begin(connection, site_id, [one for one in ids if one not in held], by)
        await self._book.refresh()

    async def hold_alike(self, connection: AsyncConnection, site_id: int, ids: list[str]) -> None:
        """Let a restriction of any id of a person hold for all, in the caller's transaction.

        The caller refreshes the book of sites afterwards.
        """
        held = set(await connection.scalars(_held(_TABLE.visitor_id, site_id, ids)))
        if held:
            await self._begin(connection, site_id, [one for one in ids if one not in held])

    async def _begin(
        self, connection: AsyncConnection, site_id: int, ids: list[str], by: str = BY_VISITOR
    ) -> None:
        now = self._clock()
        facts = {"site_id": site_id, "begun_at": now, "begun_by": by}
        if ids:
            rows = [{**facts, "visitor_id": one} for one in ids]
            await connection.execute(insert(restrictions), rows)
            await connection.execute(noting_change(site_id, now))

    async def lift(
        self, site_id: int, visitor_id: str, by: str = BY_VISITOR, may: May | None = None
    ) -> None:
        """Count the visitor again, as if nothing had been restricted; nothing where nothing is.

        Raises `NotFound` where the proof of who asks holds no more (`may`).
        """
        async with self._ledger.write() as connection:
            await refuse_unless(may, connection)
            ids = await linked_ids(connection, site_id, visitor_id)
            now = self._clock()
            lifting = update(restrictions).where(_open(site_id, ids))
            lifted = await connection.execute(lifting.values(lifted_at=now, lifted_by=by))
            if lifted.rowcount:
                await connection.execute(noting_change(site_id, now))
        await self._book.refresh()

    async def since(self, site_id: int, visitor_id: str) -> int | None:
        """Return since when (ms) the use is restricted, or None where it is not."""
        async with self._ledger.read() as connection:
            ids = await linked_ids(connection, site_id, visitor_id)
            begun: int | None = await connection.scalar(
                _held(func.min(_TABLE.begun_at), site_id, ids)
            )
        return begun


def _open(site_id: int, ids: list[str]) -> Any:
    mine = (_TABLE.site_id == site_id) & _TABLE.visitor_id.in_(ids)
    return mine & _TABLE.lifted_at.is_(None)


def _held(what: Any, site_id: int, ids: list[str]) -> Any:
    return select(what).where(_open(site_id, ids))
