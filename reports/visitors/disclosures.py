"""Entries that tell visitors who on the staff saw their data, written before it is shown."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from askfirst.clock import DAY_MS, Clock
from askfirst.store.ledger.database import Ledger
from askfirst.store.ledger.tables import consent_records, disclosures
from askfirst.store.ledger.visitor_links import linked_ids

LISTED = "listed"
OPENED = "opened"
EXPORTED_JSON = "exported json"
EXPORTED_CSV = "exported csv"
EXPORTED_XLSX = "exported xlsx"
EXPORTED_HTML = "exported html"
EXPORTED_EVENTS = "exported events"
FOUND = "found by a number"
ERASING = "asked to erase"
ENDING = "ended access"


class Disclosures:
    """Writes the entries; visitors without one are not shown."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock

    async def disclose(
        self, site_id: int, visitor_ids: Collection[str], to_whom: str, what: str
    ) -> set[str]:
        """Write an entry for each of these visitors and return those who may now be shown.

        Only visitors whom a consent record still names get an entry; erased and unknown visitors
        and those of other sites are left out. Being listed is entered once a UTC day for each
        reader, or reading a list would drown the other entries.
        """
        async with self._ledger.write() as connection:
            known = await _known(connection, site_id, visitor_ids)
            await self._enter(connection, site_id, known, to_whom, what)
        return known

    async def disclose_once(
        self,
        site_id: int,
        visitor_ids: Collection[str],
        to_whom: str,
        what: str,
        entered: Collection[str],
    ) -> set[str]:
        """Write an entry for each who is not among `entered`, and return those who may be shown.

        A long file is written part by part, and a visitor may be in many of them: `entered` are
        those with an entry for this file. Whoever was erased meanwhile is left out all the same.
        """
        async with self._ledger.write() as connection:
            known = await _known(connection, site_id, visitor_ids)
            await self._enter(connection, site_id, known.difference(entered), to_whom, what)
        return known

    async def disclose_person(
        self, site_id: int, visitor_id: str, to_whom: str, what: str
    ) -> list[str]:
        """Write an entry for every id of the visitor's browser, and return those ids.

        Only rows of these ids may be shown. Each has an entry of its own, for one may be erased
        before the others, and its entries with it. Where no consent record names `visitor_id`,
        nothing is entered and the list is empty.
        """
        async with self._ledger.write() as connection:
            ids = await linked_ids(connection, site_id, visitor_id)
            known = await _known(connection, site_id, ids)
            if visitor_id not in known:
                return []
            await self._enter(connection, site_id, known, to_whom, what)
        return [one for one in ids if one in known]

    async def _enter(
        self, connection: AsyncConnection, site_id: int, known: set[str], to_whom: str, what: str
    ) -> None:
        told: set[str] = set()
        if what == LISTED:
            now = self._clock()
            alike = (to_whom, what, now - now % DAY_MS)
            told = await self._told(connection, site_id, known, *alike)
        fresh = [self._row(site_id, visitor, to_whom, what) for visitor in sorted(known - told)]
        if fresh:
            await connection.execute(insert(disclosures), fresh)

    def _row(self, site_id: int, visitor_id: str, to_whom: str, what: str) -> dict[str, Any]:
        return {
            "site_id": site_id,
            "visitor_id": visitor_id,
            "disclosed_at": self._clock(),
            "to_whom": to_whom,
            "what": what,
        }

    async def _told(
        self,
        connection: AsyncConnection,
        site_id: int,
        known: Collection[str],
        to_whom: str,
        what: str,
        since: int,
    ) -> set[str]:
        """Return those who have an entry of this kind since a time."""
        entered = select(disclosures.c.visitor_id).where(
            disclosures.c.site_id == site_id,
            disclosures.c.visitor_id.in_(known),
            disclosures.c.to_whom == to_whom,
            disclosures.c.what == what,
            disclosures.c.disclosed_at >= since,
        )
        return set((await connection.execute(entered)).scalars())


async def _known(
    connection: AsyncConnection, site_id: int, visitor_ids: Collection[str]
) -> set[str]:
    mine = (
        select(consent_records.c.visitor_id)
        .where(consent_records.c.site_id == site_id, consent_records.c.visitor_id.in_(visitor_ids))
        .distinct()
    )
    return set((await connection.execute(mine)).scalars())
