"""Personal data in requests and corrections of visitors and in the register of disclosures.

A request keeps its kind, its dates and its state, and forgets whom it was of and what was written
about them. An entry of the register stays whole and forgets whom it was of: the owner has to
account for what was revealed.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import delete, null, select, update

from askfirst.clock import Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.disclosure_register import told_to, without_visitor
from askfirst.store.ledger.rights.corrections import forget_named, named_visits
from askfirst.store.ledger.tables import (
    corrections,
    disclosure_register,
    request_acts,
    visitor_requests,
)

Row = dict[str, Any]
Left = Callable[[], Awaitable[set[str]]]
"""Reads the ids of the visits of which events are left."""


def _of(table: Any, site_id: int, *visitor_ids: str) -> Any:
    return (table.c.site_id == site_id) & table.c.visitor_id.in_(visitor_ids)


class RequestActsHolder:
    """What was done about a visitor's requests; the words are about the visitor."""

    name = "ledger.request_acts"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def rows(self, site_id: int, *visitor_ids: str) -> list[Row]:
        """Return what was done about the visitor's requests."""
        statement = select(request_acts).where(_acts_of(site_id, *visitor_ids))
        async with self._ledger.read() as connection:
            found = await connection.execute(statement.order_by(request_acts.c.id))
            return [dict(row) for row in found.mappings()]

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Take the words away; who did what when stays."""
        wordless = update(request_acts).where(_acts_of(site_id, *visitor_ids)).values(words="")
        async with self._ledger.write() as connection:
            return int((await connection.execute(wordless)).rowcount)


def _acts_of(site_id: int, *visitor_ids: str) -> Any:
    mine = select(visitor_requests.c.id).where(_of(visitor_requests, site_id, *visitor_ids))
    return request_acts.c.request_id.in_(mine)


class RequestsHolder:
    """A visitor's requests; they are erased after their acts, which are found by them."""

    name = "ledger.visitor_requests"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def rows(self, site_id: int, *visitor_ids: str) -> list[Row]:
        """Return the visitor's requests."""
        statement = select(visitor_requests).where(_of(visitor_requests, site_id, *visitor_ids))
        async with self._ledger.read() as connection:
            found = await connection.execute(statement.order_by(visitor_requests.c.id))
            return [dict(row) for row in found.mappings()]

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Forget whom the requests were of and how the identity was checked."""
        mine = update(visitor_requests).where(_of(visitor_requests, site_id, *visitor_ids))
        nameless = mine.values(visitor_id=null(), identity="", was_erased=1)
        async with self._ledger.write() as connection:
            return int((await connection.execute(nameless)).rowcount)


class DisclosureRegisterHolder:
    """What was revealed of a visitor outside; what is hidden from them is in no file of theirs."""

    name = "ledger.disclosure_register"

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def rows(self, site_id: int, *visitor_ids: str) -> list[Row]:
        """Return the entries that the visitor may read now."""
        shown = await told_to(self._ledger, site_id, visitor_ids, self._clock())
        names = [column.name for column in disclosure_register.c]
        return [{name: getattr(one, name) for name in names} for one in shown]

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Forget whom the entries were of, also the hidden ones; the entries stay."""
        nameless = without_visitor(_of(disclosure_register, site_id, *visitor_ids))
        async with self._ledger.write() as connection:
            return int((await connection.execute(nameless)).rowcount)


class CorrectionsHolder:
    """What a visitor has corrected; `forget` reads what is in memory again.

    Neither a detached visit nor its new visitor id is told: nobody is to find it any more.
    """

    name = "ledger.corrections"

    def __init__(self, ledger: Ledger, forget: Callable[[], Awaitable[None]]) -> None:
        self._ledger = ledger
        self._forget = forget

    async def rows(self, site_id: int, *visitor_ids: str) -> list[Row]:
        """Return the visitor's corrections."""
        statement = select(corrections).where(_of(corrections, site_id, *visitor_ids))
        async with self._ledger.read() as connection:
            found = await connection.execute(statement.order_by(corrections.c.id))
            return _without_detached([dict(row) for row in found.mappings()])

    async def erase(self, site_id: int, *visitor_ids: str) -> int:
        """Delete the visitor's corrections, from the memory too."""
        gone = delete(corrections).where(_of(corrections, site_id, *visitor_ids))
        async with self._ledger.write() as connection:
            number = int((await connection.execute(gone)).rowcount)
        if number:
            await self._forget()
        return number

    async def forget_visits(self, site_id: int, visitor_id: str, left: Left) -> None:
        """Delete what was corrected in visits of which nothing is left.

        A detached visit is not the visitor's any more, and is forgotten by `forget_late`.
        """
        mine = _of(corrections, site_id, visitor_id)
        async with self._ledger.read() as connection:
            named = await named_visits(connection, mine)
        if gone := named and named - await left():
            async with self._ledger.write() as connection:
                await forget_named(connection, mine, gone)
            await self._forget()


def _without_detached(rows: list[Row]) -> list[Row]:
    detached = {row["visit_id"] for row in rows if row["kind"] == "visit"}
    nothing = dict.fromkeys(("last_visit", "detached_id", "visit_first", "visit_last"))
    nameless = nothing | {"visit_id": None, "which": ""}
    return [row | (nameless if row["visit_id"] in detached else nothing) for row in rows]
